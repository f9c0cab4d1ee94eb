//! Address ranges for what asks for them: attempts repeated until every `cidr::allocate` has its range, and the lock file
//! that keeps the ranges.

use std::collections::BTreeMap;

use super::{disk, session::Session};
use crate::{
    base::{
        Diagnostic, Diagnostics, Ledger, Prefix, Span,
        ledger::{Entry, Request},
    },
    guard::{self, Around},
    lang::{self, Disk},
    network::{self, Busy, Cidr, Exhausted, Model},
    plan::{self, Attempt, Change, Live, Plan, Run, Setup},
};

/// Ranges may be taken from ranges that were just given out, this deep.
const ROUNDS: usize = 64;

/// One attempt to plan in which every request for a range is met: what is missing is given out, as long as it takes, and the
/// setup's inputs hold it from then on.
///
/// `elsewhere` is what is taken besides what the plan itself shows. As long as nobody knows that, an attempt that asks for ranges
/// ends with [`Attempt::Allocate`], so that the caller can find out.
pub fn attempt(setup: &mut Setup, live: &Live, run: &Run, elsewhere: Option<&[Busy]>, diags: &mut Diagnostics) -> Attempt {
    for _ in 0..ROUNDS {
        let mut found = Diagnostics::default();
        let (requests, so_far) = match plan::attempt(setup, live, run, &mut found) {
            Attempt::Allocate { requests, so_far } => (requests, so_far),
            done => {
                diags.extend(found);
                return done;
            }
        };
        let Some(elsewhere) = elsewhere else { return Attempt::Allocate { requests, so_far } };
        let mut busy = busy(&guard::model(&so_far, &Around::default()));
        busy.extend(self::busy(&guard::model(&before(&so_far), &Around::default())));
        busy.extend(elsewhere);
        let wanted: Vec<Request> = requests.keys().cloned().collect();
        match network::allocate(&setup.inputs.allocations.ledger, &wanted, &busy) {
            Ok(ledger) => setup.inputs = setup.inputs.clone().allocating(ledger),
            Err(refused) => {
                diags.extend(refused.iter().map(|r| refusal(r, &requests)));
                return Attempt::Failed;
            }
        }
    }
    let detail = format!("After {ROUNDS} rounds there are still new keys: a key of cidr::allocate must not depend on the range that it gets.");
    diags.push(Diagnostic::error("endless-allocation", "Address ranges without end", detail));
    Attempt::Failed
}

/// The same resources as they are before the plan is applied: Azure has their ranges until then.
fn before(so_far: &Plan) -> Plan {
    let was = |c: &Change| Change { after: c.before.clone(), ..c.clone() };
    Plan { changes: so_far.changes.iter().map(was).collect(), ..Plan::default() }
}

/// Every range of a model that is known, and those that it keeps.
pub fn busy(model: &Model) -> Vec<Busy> {
    let spaces = model.vnets.iter().flat_map(|v| v.spaces.iter().chain(v.subnets.iter().flat_map(|s| &s.prefixes)));
    let networks = spaces.filter_map(Cidr::prefix).chain(model.settings.kept.iter().copied()).map(|prefix| Busy { prefix, network: true });
    let reserved = model.ranges.iter().filter_map(|r| r.cidr.prefix()).map(|prefix| Busy { prefix, network: false });
    networks.chain(reserved).collect()
}

fn refusal(refused: &Exhausted, requests: &BTreeMap<Request, Span>) -> Diagnostic {
    match refused {
        Exhausted::NoRoom { request, largest, free, pieces } => {
            let (pool, len, key) = (&request.pool, request.len, &request.key);
            let ranges = if pool.is_named() { format!(" ({})", list(&pool.prefixes)) } else { String::new() };
            let left = match largest {
                None => "Nothing of it is free.".to_owned(),
                Some(largest) => {
                    let pieces = if *pieces == 1 { "one piece".to_owned() } else { format!("{pieces} pieces") };
                    let v6 = pool.holding(len).any(|p| p.v6);
                    let wanted = Prefix { v6, base: 0, len }.size();
                    let why = if *free >= wanted { ": enough in all, but in fragments" } else { "" };
                    format!("{free} addresses are free in {pieces}, the largest free block is a /{largest}{why}.")
                }
            };
            Diagnostic::error("pool-exhausted", "Address pool is exhausted", format!("There is no free /{len} for {key:?} in {pool}{ranges}. {left}"))
                .at(requests.get(request).copied())
                .hint(match largest {
                    Some(largest) => format!("Ask for a /{largest} or a smaller range, or add a prefix to the pool."),
                    None => "Add a prefix to the pool, or free what nothing asks for any more with `ravelin ip prune`.".to_owned(),
                })
        }
        Exhausted::TooLarge { request } => {
            let detail =
                format!("A /{} for {:?} is larger than every prefix of {} ({}).", request.len, request.key, request.pool, list(&request.pool.prefixes));
            Diagnostic::error("pool-exhausted", "Address pool is exhausted", detail).at(requests.get(request).copied())
        }
        Exhausted::Conflict { request, other } => {
            let detail = format!(
                "{:?} is asked for as a /{other} and as a /{} in {}. A key stands for one range, so it has one length.",
                request.key, request.len, request.pool
            );
            let first = requests.iter().find(|(r, _)| r.pool == request.pool && r.key == request.key && r.len == *other).map(|(_, at)| *at);
            let d = Diagnostic::error("key-conflict", "Key with two lengths", detail).at(requests.get(request).copied()).hint("Use two keys.");
            match first {
                Some(first) => d.also(first, format!("asked for as a /{other} here")),
                None => d,
            }
        }
    }
}

fn list(prefixes: &[Prefix]) -> String {
    prefixes.iter().map(Prefix::to_string).collect::<Vec<_>>().join(", ")
}

/// Entries of a plan that the lock file does not have as they are.
pub fn new_entries(session: &Session, ledger: &Ledger) -> Vec<String> {
    let kept = session.allocations.ledger.entries();
    ledger.entries().into_iter().filter(|e| !kept.contains(e)).map(|e| format!("{:?} of {:?}: {}", e.key, e.pool, e.prefix)).collect()
}

/// What `-lockfile=readonly` refuses.
pub fn read_only(session: &Session, ledger: &Ledger) -> Option<Diagnostic> {
    let new = new_entries(session, ledger);
    if new.is_empty() {
        return None;
    }
    let detail = format!("The lock file may not be written, and ranges would have to be given out:\n  {}", new.join("\n  "));
    Some(
        Diagnostic::error("lock-file-readonly", "Lock file of addresses is read-only", detail)
            .hint(format!("Run `ravelin plan` without -lockfile=readonly, and put {} under version control.", lang::lock::LOCK_FILE)),
    )
}

/// Writes a plan's new ranges into the lock file. Gives the line that says so; nothing when there are none.
pub fn keep(session: &Session, ledger: &Ledger) -> Result<Option<String>, Diagnostic> {
    let new = new_entries(session, ledger).len();
    if new == 0 {
        return Ok(None);
    }
    write(session, ledger)?;
    let what = if new == 1 { "an address range".to_owned() } else { format!("{new} address ranges") };
    Ok(Some(format!("\nGave out {what}; {} keeps what was given. Put it under version control.", lang::lock::LOCK_FILE)))
}

/// Replaces the lock file.
pub fn write(session: &Session, ledger: &Ledger) -> Result<(), Diagnostic> {
    let path = session.dir.join(lang::lock::LOCK_FILE);
    disk::write(&path, &lang::lock::write(ledger))
        .map_err(|e| Diagnostic::error("lock-file", "Lock file of addresses cannot be written", format!("{} cannot be written: {e}.", path.display())))
}

/// Puts what a saved plan gave out into the lock file, which may have moved on since: the plan is stale when the same key has
/// another range by now, or another key has that range.
pub fn keep_saved(session: &mut Session, ledger: &Ledger, diags: &mut Diagnostics) -> Option<()> {
    let planned_from = session.allocations.ledger.clone();
    let mut now = lang::lock::read(&Disk, &session.dir, &mut session.sources, diags);
    if diags.has_errors() {
        return None;
    }
    let old = planned_from.entries();
    for entry in ledger.entries().into_iter().filter(|e| !old.contains(e)) {
        let meets = |e: &Entry| e.prefix == entry.prefix || (e.pool == entry.pool && e.prefix.overlaps(entry.prefix));
        let is_other = |e: &Entry| (e.pool == entry.pool && e.key == entry.key || meets(e)) && !old.contains(&e);
        let held = now.entries().into_iter().find(|e| *e == entry || is_other(e));
        match held.cloned() {
            Some(held) if held == *entry => {}
            Some(held) => {
                let detail = format!(
                    "The plan gave {} to {:?} of {:?}; the lock file of addresses now has {} for {:?} of {:?}.",
                    entry.prefix, entry.key, entry.pool, held.prefix, held.key, held.pool
                );
                diags.push(Diagnostic::error("stale-plan", "Saved plan is stale", detail).hint("Make a new plan."));
            }
            None => now.insert(entry.clone()),
        }
    }
    if diags.has_errors() {
        return None;
    }
    let now_kept = lang::lock::read(&Disk, &session.dir, &mut session.sources, diags);
    if now != now_kept
        && let Err(diagnostic) = write(session, &now)
    {
        diags.push(diagnostic);
        return None;
    }
    session.allocations = lang::Allocations::of(ledger.clone()).into();
    Some(())
}
