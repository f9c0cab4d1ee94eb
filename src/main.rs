//! The `ravelin` command.

fn main() {
    let world = ravelin::cli::World::real();
    let args = std::env::args_os().map(|a| a.to_string_lossy().into_owned());
    let exit = ravelin::cli::run(args, &world);
    std::process::exit(exit.code());
}
