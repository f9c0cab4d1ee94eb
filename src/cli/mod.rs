//! Arguments, one file per command, exit codes. The only room that prints.
