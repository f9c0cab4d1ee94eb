//! Plans subnets against the simulator and reports time, memory and ARM requests.

fn main() {}
