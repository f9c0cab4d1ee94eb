//! The address plan: demand, capacity, overlap, free space, over a plain network model.
