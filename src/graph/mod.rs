//! A generic dependency graph on petgraph: cycles, order, drawing. Knows no resource.
