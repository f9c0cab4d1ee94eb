//! Resource types, read from `schemas/`: shapes, and the lens between attributes and ARM bodies.
