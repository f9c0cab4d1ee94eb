//! Plans 100, 1,000 and 10,000 subnets against the simulator with nothing to change, and reports wall time (median of runs),
//! peak memory and ARM requests. `cargo bench`; sizes can be given: `cargo bench --bench plan -- 1000`.
//!
//! Every measured run is a process of its own, as a user's would be: it reads the folder, the state and the simulator's store.

// The fence around effects is for what ships.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

use std::{cell::RefCell, fmt::Write as _, fs, io::Write, path::Path, process::Command, rc::Rc, time::Instant};

use ravelin::cli::{self, Exit, World};

/// Subnets per VNet.
const PER_VNET: usize = 500;
const RUNS: usize = 5;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    if let [child, what, dir] = args.as_slice()
        && child == "--child"
    {
        return measure(what, Path::new(dir));
    }
    let sizes: Vec<usize> = args.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![100, 1_000, 10_000] } else { sizes };
    println!("{:>8}  {:>10}  {:>10}  {:>12}  {:>12}", "subnets", "median", "worst", "peak memory", "ARM requests");
    let mut before: Option<(usize, f64)> = None;
    for size in sizes {
        let dir = std::env::temp_dir().join(format!("ravelin-bench-{}-{size}", std::process::id()));
        fs::create_dir_all(&dir).expect("a folder for the blueprint");
        fs::write(dir.join("main.tf"), blueprint(size)).expect("the blueprint");
        child("apply", &dir);
        let mut runs: Vec<(f64, u64, u64)> = (0..RUNS).map(|_| child("plan", &dir)).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let median = runs[RUNS / 2];
        let mut line = format!("{size:>8}  {:>8.0}ms  {:>8.0}ms  {:>9} KiB  {:>12}", median.0, runs[RUNS - 1].0, median.1, median.2);
        if let Some((small, time)) = before {
            let _ = write!(line, "   x{:.1} subnets took x{:.1} time", size as f64 / small as f64, median.0 / time);
        }
        println!("{line}");
        before = Some((size, median.0));
        let _ = fs::remove_dir_all(&dir);
    }
}

/// `size` subnets in VNets of `PER_VNET`, one route table, one network security group per VNet.
fn blueprint(size: usize) -> String {
    format!(
        r#"
provider "azurerm" {{
  features {{}}
}}

locals {{
  # `range` gives at most 1,024 numbers.
  places  = [for p in setproduct(range(ceil({size} / {PER_VNET})), range({PER_VNET})) : {{ vnet = tostring(p[0]), index = p[1] }} if p[0] * {PER_VNET} + p[1] < {size}]
  subnets = {{ for p in local.places : format("s%02d-%03d", p.vnet, p.index) => p }}
  vnets   = toset([for i in range(ceil({size} / {PER_VNET})) : tostring(i)])
}}

resource "azurerm_resource_group" "bench" {{
  name     = "rg-bench"
  location = "westeurope"
}}

resource "azurerm_virtual_network" "bench" {{
  for_each            = local.vnets
  name                = "vnet-${{each.key}}"
  resource_group_name = azurerm_resource_group.bench.name
  location            = azurerm_resource_group.bench.location
  address_space       = [cidrsubnet("10.0.0.0/8", 8, tonumber(each.key))]
}}

resource "azurerm_subnet" "bench" {{
  for_each             = local.subnets
  name                 = "snet-${{each.key}}"
  resource_group_name  = azurerm_resource_group.bench.name
  virtual_network_name = azurerm_virtual_network.bench[each.value.vnet].name
  address_prefixes     = [cidrsubnet(cidrsubnet("10.0.0.0/8", 8, tonumber(each.value.vnet)), 10, each.value.index)]
}}
"#
    )
}

/// Runs this program again for one measured command; gives milliseconds, peak KiB and ARM requests.
fn child(what: &str, dir: &Path) -> (f64, u64, u64) {
    let this = std::env::current_exe().expect("this program");
    let output = Command::new(this).args(["--child", what]).arg(dir).output().expect("a run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{what} failed:\n{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let figure = |name: &str| text.lines().rev().find_map(|l| l.strip_prefix(name)).and_then(|v| v.trim().parse::<f64>().ok()).unwrap_or(f64::NAN);
    (figure("ms:"), figure("kib:") as u64, figure("ARM requests:") as u64)
}

/// One command in this process, then its figures.
fn measure(what: &str, dir: &Path) {
    #[derive(Clone, Default)]
    struct Kept(Rc<RefCell<Vec<u8>>>);
    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let out = Kept::default();
    let world = World { cwd: dir.to_owned(), out: RefCell::new(Box::new(out.clone())), ..World::real() };
    let mut args = vec!["ravelin", what, "-sim"];
    args.extend(if what == "apply" { ["-auto-approve", "-parallelism=50"].as_slice() } else { ["-detailed-exitcode"].as_slice() });
    let begun = Instant::now();
    let exit = cli::run(args.into_iter().map(str::to_owned), &world);
    let elapsed = begun.elapsed();
    let text = String::from_utf8_lossy(&out.0.borrow()).into_owned();
    assert!(exit == Exit::Ok, "{what} ended with {exit:?}:\n{}", text.lines().rev().take(30).collect::<Vec<_>>().join("\n"));
    let peak = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = peak.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|v| v.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0);
    let requests = text.lines().find(|l| l.starts_with("ARM requests:")).unwrap_or("ARM requests: 0");
    println!("ms: {}\nkib: {peak}\n{requests}", elapsed.as_secs_f64() * 1000.0);
}
