//! Loads, evaluates and plans folders of `terraform_data` blocks that refer to each other, offline and with an empty state, and
//! reports wall time (median of runs) and peak memory; beside it the real Terraform over the same folder where it is on the
//! PATH. `cargo bench --bench language`; sizes can be given: `cargo bench --bench language -- 5000`.
//!
//! Every measured run is a process of its own, as a user's would be.

// The fence around effects is for what ships.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

use std::{cell::RefCell, fmt::Write as _, fs, io, path::Path, process::Command, time::Instant};

use ravelin::cli::{self, Exit, World};

const RUNS: usize = 5;
/// Larger folders are not given to Terraform: it takes minutes.
const TERRAFORM_UP_TO: usize = 5_000;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [child, dir] = args.as_slice()
        && child == "--child"
    {
        return measure(Path::new(dir));
    }
    let sizes: Vec<usize> = args.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![500, 5_000, 20_000] } else { sizes };
    println!("{:>8}  {:>10}  {:>10}  {:>12}  {:>24}", "blocks", "median", "worst", "peak memory", "terraform");
    let mut before: Option<(usize, f64)> = None;
    for size in sizes {
        let dir = std::env::temp_dir().join(format!("ravelin-language-{}-{size}", std::process::id()));
        fs::create_dir_all(&dir).expect("a folder for the blueprint");
        fs::write(dir.join("main.tf"), blueprint(size)).expect("the blueprint");
        let mut runs: Vec<(f64, u64)> = (0..RUNS).map(|_| child(&dir)).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let median = runs[RUNS / 2];
        let theirs = if size <= TERRAFORM_UP_TO { terraform(&dir).unwrap_or_else(|| "not on the PATH".into()) } else { "left out".into() };
        let mut line = format!("{size:>8}  {:>8.0}ms  {:>8.0}ms  {:>9} KiB  {theirs:>24}", median.0, runs[RUNS - 1].0, median.1);
        if let Some((small, time)) = before {
            let _ = write!(line, "   x{:.1} blocks took x{:.1} time", size as f64 / small as f64, median.0 / time);
        }
        println!("{line}");
        before = Some((size, median.0));
        let _ = fs::remove_dir_all(&dir);
    }
}

/// Blocks in layers, as configurations have them: each refers to a few of the layer before, and to locals and a variable.
fn blueprint(size: usize) -> String {
    let mut out = String::from("variable \"env\" {\n  default = \"prod\"\n}\n\nlocals {\n  tags = { env = var.env, team = \"platform\" }\n}\n");
    let layer = (size / 10).max(1);
    for i in 0..size {
        let above = |n: usize| (i >= layer).then(|| (i / layer - 1) * layer + (i * 7 + n * 13) % layer);
        let refs: Vec<String> = (0..3).filter_map(above).map(|j| format!("terraform_data.r{j}.output.name")).collect();
        let id = above(5).map_or("\"none\"".to_owned(), |j| format!("terraform_data.r{j}.id"));
        let _ = write!(
            out,
            "\nresource \"terraform_data\" \"r{i}\" {{\n  input = {{\n    name  = \"r{i}-${{var.env}}\"\n    tags  = merge(local.tags, {{ index = {i} }})\n    \
             refs  = [{}]\n    owner = {id}\n  }}\n}}\n",
            refs.join(", ")
        );
    }
    let _ = write!(out, "\noutput \"last\" {{\n  value = terraform_data.r{}.output\n}}\n", size - 1);
    out
}

/// Runs this program again for one measured plan; gives milliseconds and peak KiB.
fn child(dir: &Path) -> (f64, u64) {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).arg("--child").arg(dir).output().expect("a run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "the plan failed:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let figure = |name: &str| text.lines().rev().find_map(|l| l.strip_prefix(name)).and_then(|v| v.trim().parse::<f64>().ok()).unwrap_or(f64::NAN);
    (figure("ms:"), figure("kib:") as u64)
}

/// One plan in this process, then its figures.
fn measure(dir: &Path) {
    let world = World { cwd: dir.to_owned(), out: RefCell::new(Box::new(io::sink())), ..World::real() };
    let begun = Instant::now();
    let exit = cli::run(["ravelin", "plan", "-refresh=false"].map(str::to_owned), &world);
    let elapsed = begun.elapsed();
    assert!(exit == Exit::Ok, "the plan ended with {exit:?}");
    let peak = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|v| v.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
    println!("ms: {}\nkib: {peak}", elapsed.as_secs_f64() * 1000.0);
}

/// One plan by the real Terraform, in seconds.
fn terraform(dir: &Path) -> Option<String> {
    let begun = Instant::now();
    let output = Command::new("terraform").args(["plan", "-refresh=false"]).env("CHECKPOINT_DISABLE", "1").current_dir(dir).output().ok()?;
    let elapsed = begun.elapsed();
    output.status.success().then(|| format!("{:.1} s", elapsed.as_secs_f64()))
}
