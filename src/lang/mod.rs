//! HCL text → syntax → [`Blueprint`] → evaluation: the Terraform language.

pub mod blueprint;
