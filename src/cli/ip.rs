//! `ravelin ip`: the address plan of blueprints, of live Azure, or of both: shown, checked, mended, forecast, drawn.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{
    Exit, disk,
    ip_model::{self, Gathered, Where},
    ip_prune,
    ip_size::{self, Size},
    ui::Ui,
};
use crate::{
    base::{Diagnostic, Diagnostics},
    render::{self, ip_json, ip_text},
};

/// Look at the address plan: what is used, free, too small, overlapping; of blueprints, of live Azure, or of both.
///
/// Without -live nothing is asked of Azure and no account is needed: the folder's blueprint is evaluated, recorded state
/// is taken as it is, and what only Azure knows is listed as unknown. With -live and a folder, the blueprint is planned
/// and everything else in the subscription is laid beside it. Several folders are checked as one network.
#[derive(Args, Debug)]
pub struct IpArgs {
    #[command(subcommand)]
    pub command: IpCommand,
}

#[derive(Subcommand, Debug)]
pub enum IpCommand {
    /// Every VNet with its subnets: who takes what, the three demands, what is left, how it stands.
    Show(ShowArgs),
    /// The free blocks of every VNet and declared pool, and the places for one of a given length.
    Free(FreeArgs),
    /// Only what is wrong. Exits with 1 on errors.
    Check(CheckArgs),
    /// What to change: the smallest range that would do, where it is free, the edit; and the ways out for what runs.
    ///
    /// With -nodes no blueprint is read: the ranges that so many nodes need are worked out.
    Suggest(SuggestArgs),
    /// When each subnet and pod range runs out, if use grows as declared.
    Forecast(ForecastArgs),
    /// Draw every VNet to scale, in the terminal or as an SVG for a design document.
    Map(MapArgs),
    /// List the ranges in the lock file that nothing asks for any more; with -write, give them back.
    Prune(ip_prune::PruneArgs),
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    #[command(flatten)]
    pub place: Where,
    /// As JSON; docs/ip.md describes it.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct FreeArgs {
    #[command(flatten)]
    pub place: Where,
    /// List the places for a block of this prefix length.
    #[arg(long, value_name = "BITS", value_parser = length)]
    pub length: Option<u8>,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct CheckArgs {
    #[command(flatten)]
    pub place: Where,
    /// How findings are told.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// The same as -format=json.
    #[arg(long)]
    pub json: bool,
    /// Write to this file instead of standard output (not for text).
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Exit with 2 when there are warnings and no errors.
    #[arg(long)]
    pub detailed_exitcode: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Args, Debug)]
pub struct SuggestArgs {
    #[command(flatten)]
    pub place: Where,
    #[command(flatten)]
    pub size: Size,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct ForecastArgs {
    #[command(flatten)]
    pub place: Where,
    /// Forecast with this growth instead of the declared one: nodes that every pool gains in a month.
    #[arg(long, value_name = "N", group = "rate", value_parser = rate)]
    pub nodes_per_month: Option<f64>,
    /// The same as per cent of what is used.
    #[arg(long, value_name = "N", group = "rate", value_parser = rate)]
    pub percent_per_month: Option<f64>,
    /// The same as addresses of each subnet.
    #[arg(long, value_name = "N", group = "rate", value_parser = rate)]
    pub addresses_per_month: Option<f64>,
    /// How many months are told one by one.
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub months: u32,
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct MapArgs {
    #[command(flatten)]
    pub place: Where,
    /// Write an SVG to this file; without it the map is drawn in the terminal.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The title of the map; the folder's name without it.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Draw in the terminal with plain ASCII letters (by itself where the locale is not UTF-8).
    #[arg(long)]
    pub ascii: bool,
}

fn length(text: &str) -> Result<u8, String> {
    let bits: Option<u8> = text.trim_start_matches('/').parse().ok();
    bits.filter(|b| *b <= 128).ok_or_else(|| "a prefix length is a number from 0 to 128, such as 24".to_owned())
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: Option<f64> = text.trim_end_matches('%').parse().ok();
    rate.filter(|r| r.is_finite() && *r >= 0.0).ok_or_else(|| "growth is a number that is not negative, such as 2 or 1.5".to_owned())
}

pub fn run(args: IpArgs, ui: &Ui) -> Exit {
    match args.command {
        IpCommand::Show(args) => show(&args, ui),
        IpCommand::Free(args) => free(&args, ui),
        IpCommand::Check(args) => check(&args, ui),
        IpCommand::Suggest(args) => suggest(&args, ui),
        IpCommand::Forecast(args) => forecast(&args, ui),
        IpCommand::Map(args) => map(&args, ui),
        IpCommand::Prune(args) => ip_prune::run(args, ui),
    }
}

/// The model with what the check says of it. `Err` holds how the command ended.
fn gather(place: &Where, ui: &Ui) -> Result<Gathered, Exit> {
    let mut diags = Diagnostics::default();
    ip_model::gather(place, ui, &mut diags).map_err(|sources| ui.fail(&diags, &sources)).inspect(|gathered| {
        // Errors end the command; what is only a warning does not keep anybody from looking at the addresses.
        gathered.tell(ui, &diags);
    })
}

fn show(args: &ShowArgs, ui: &Ui) -> Exit {
    *ui.json.borrow_mut() = args.json;
    let gathered = match gather(&args.place, ui) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    let view = gathered.view();
    if args.json {
        return json(ui, &ip_json::view_json(&view, &gathered.sources));
    }
    ui.say(&ip_text::show_text(&view, &ui.style));
    Exit::Ok
}

fn free(args: &FreeArgs, ui: &Ui) -> Exit {
    *ui.json.borrow_mut() = args.json;
    let gathered = match gather(&args.place, ui) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    let view = gathered.view();
    if args.json {
        return json(ui, &ip_json::free_json(&view, args.length));
    }
    ui.say(&ip_text::free_text(&view, args.length, &ui.style));
    Exit::Ok
}

fn check(args: &CheckArgs, ui: &Ui) -> Exit {
    let format = if args.json { Format::Json } else { args.format };
    *ui.json.borrow_mut() = format != Format::Text;
    let gathered = match gather(&args.place, ui) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    let view = gathered.view();
    let document = match format {
        Format::Text => {
            let findings = gathered.report.findings.iter().map(|f| f.diagnostic()).collect();
            ui.diagnostics(&Diagnostics { items: findings }, &gathered.sources);
            ui.say(&format!("\n{}\n", ip_text::closing(&view, &ui.style)));
            None
        }
        Format::Json => Some(ip_json::check_json(&view, &gathered.sources)),
        Format::Sarif => Some(render::sarif(Some(&gathered.report), [], &gathered.sources, env!("CARGO_PKG_VERSION"))),
    };
    let written = document.map_or(Ok(()), |document| write(ui, args.out.as_ref(), &format!("{document:#}\n")));
    let (errors, warnings) = view.counts();
    match (written, errors, warnings) {
        (Err(diagnostic), ..) => ui.fail_with(diagnostic),
        (Ok(()), 0, 0) => Exit::Ok,
        (Ok(()), 0, _) => {
            if args.detailed_exitcode {
                Exit::Changes
            } else {
                Exit::Ok
            }
        }
        _ => Exit::Failed,
    }
}

fn suggest(args: &SuggestArgs, ui: &Ui) -> Exit {
    *ui.json.borrow_mut() = args.json;
    if args.size.is_given() {
        return match ip_size::sized(&args.size) {
            Ok(ranges) if args.json => json(ui, &ip_size::sized_json(&ranges)),
            Ok(ranges) => {
                ui.say(&ip_size::sized_text(&args.size, &ranges, &ui.style));
                Exit::Ok
            }
            Err(diagnostic) => ui.fail_with(diagnostic),
        };
    }
    let gathered = match gather(&args.place, ui) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    if args.json {
        return json(ui, &ip_json::suggest_json(&gathered.report, &gathered.sources));
    }
    ui.say(&ip_text::suggest_text(&gathered.report.findings, &gathered.sources, &ui.style));
    Exit::Ok
}

fn forecast(args: &ForecastArgs, ui: &Ui) -> Exit {
    *ui.json.borrow_mut() = args.json;
    let mut gathered = match gather(&args.place, ui) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    if let Some(rate) = ip_model::rate(args) {
        gathered.grow(rate);
    }
    let view = gathered.view();
    if args.json {
        return json(ui, &ip_json::forecast_json(&view, &gathered.sources));
    }
    ui.say(&ip_text::forecast_text(&view, args.months, &ui.style));
    Exit::Ok
}

fn map(args: &MapArgs, ui: &Ui) -> Exit {
    let gathered = match gather(&args.place, ui) {
        Ok(gathered) => gathered,
        Err(exit) => return exit,
    };
    let view = gathered.view();
    let title = args.title.clone().unwrap_or_else(|| gathered.title.clone());
    let Some(out) = &args.out else {
        ui.say(&render::map_text(&view, &title, &ui.style, args.ascii || !is_utf8(ui)));
        return Exit::Ok;
    };
    if let Err(diagnostic) = write(ui, Some(out), &render::map_svg(&view, &title)) {
        return ui.fail_with(diagnostic);
    }
    ui.say(&format!("The map is in {}.\n", out.display()));
    Exit::Ok
}

/// Whether the locale says that letters beyond ASCII can be shown; where it says nothing, they can.
fn is_utf8(ui: &Ui) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| ui.world.var(name));
    let utf8 = locale.is_none_or(|l| l.to_ascii_lowercase().replace('-', "").contains("utf8"));
    utf8 && ui.world.var("TERM").is_none_or(|t| t != "dumb")
}

fn json(ui: &Ui, document: &serde_json::Value) -> Exit {
    ui.world.say(&format!("{document:#}\n"));
    Exit::Ok
}

/// To the file, else to standard output.
fn write(ui: &Ui, out: Option<&PathBuf>, text: &str) -> Result<(), Diagnostic> {
    let Some(out) = out else {
        ui.world.say(text);
        return Ok(());
    };
    disk::write(&ui.dir.join(out), text)
        .map_err(|e| Diagnostic::error("ip-out", "File cannot be written", format!("{} cannot be written: {e}.", out.display())))
}
