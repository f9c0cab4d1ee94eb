//! The scheduler alone: any graph of steps, any ends in any order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use ravelin::{
    apply::run::{Progress, Run},
    base::ResourceId,
    plan::{Act, Plan, Step, StepId},
};

/// A plan of bare steps: for each its locks and whether it is a join; edges lead from lower to higher numbers.
fn plan(steps: &[(BTreeSet<u8>, bool)], edges: &[(usize, usize)]) -> Plan {
    let id = |n: &u8| ResourceId::parse(&format!("/subscriptions/s/resourceGroups/{n}")).unwrap();
    let steps: Vec<Step> = steps
        .iter()
        .map(|(locks, join)| Step {
            change: None,
            act: if *join { Act::Join } else { Act::Update },
            deposed: None,
            carried_by: None,
            locks: if *join { Vec::new() } else { locks.iter().map(id).collect() },
            create_before_destroy: false,
            timeout: 60,
        })
        .collect();
    let n = steps.len().max(1);
    let pairs: BTreeSet<(usize, usize)> = edges.iter().map(|(a, b)| (a % n, b % n)).filter(|(a, b)| a != b).map(|(a, b)| (a.min(b), a.max(b))).collect();
    Plan { steps, edges: pairs.into_iter().map(|(a, b)| (StepId(a), StepId(b))).collect(), ..Plan::default() }
}

#[derive(Clone, Debug)]
struct Case {
    steps: Vec<(BTreeSet<u8>, bool)>,
    edges: Vec<(usize, usize)>,
    parallelism: usize,
    fails: BTreeSet<usize>,
    /// Which of the running steps ends next.
    picks: Vec<usize>,
    /// After how many ends the run is stopped.
    stop: Option<usize>,
}

fn cases() -> impl Strategy<Value = Case> {
    let step = (prop::collection::btree_set(0u8..4, 0..3), prop::bool::weighted(0.15));
    let edges = prop::collection::vec((0usize..24, 0usize..24), 0..40);
    (
        prop::collection::vec(step, 1..24),
        edges,
        0usize..5,
        prop::collection::btree_set(0usize..24, 0..4),
        prop::collection::vec(0usize..8, 24),
        prop::option::of(0usize..20),
    )
        .prop_map(|(steps, edges, parallelism, fails, picks, stop)| Case { steps, edges, parallelism, fails, picks, stop })
}

/// What a run is checked against while it goes.
struct Watch<'p> {
    plan: &'p Plan,
    before: BTreeMap<usize, Vec<usize>>,
    running: Vec<usize>,
    done: BTreeSet<usize>,
}

impl Watch<'_> {
    fn started(&mut self, step: usize, parallelism: usize) -> Result<(), TestCaseError> {
        prop_assert!(self.plan.steps[step].act != Act::Join, "a join was started");
        prop_assert!(!self.done.contains(&step) && !self.running.contains(&step), "{step} was started twice");
        for before in self.above(step) {
            prop_assert!(self.done.contains(&before), "{step} started before {before} was done");
        }
        for other in &self.running {
            let shared = self.plan.steps[*other].locks.iter().any(|l| self.plan.steps[step].locks.contains(l));
            prop_assert!(!shared, "{step} and {other} share a lock");
        }
        self.running.push(step);
        prop_assert!(self.running.len() <= parallelism.max(1), "too many at once");
        Ok(())
    }

    /// The steps with work that have to be done before, through joins.
    fn above(&self, step: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut stack = self.before.get(&step).cloned().unwrap_or_default();
        while let Some(at) = stack.pop() {
            if self.plan.steps[at].act == Act::Join {
                stack.extend(self.before.get(&at).into_iter().flatten());
            } else {
                found.insert(at);
            }
        }
        found
    }

    /// Everything that a step needs, however far away.
    fn needs(&self, step: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut stack = vec![step];
        while let Some(at) = stack.pop() {
            for before in self.before.get(&at).into_iter().flatten() {
                if found.insert(*before) {
                    stack.push(*before);
                }
            }
        }
        found
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_run_keeps_order_bounds_and_locks_and_always_ends(case in cases()) {
        let plan = plan(&case.steps, &case.edges);
        let mut before: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (a, b) in &plan.edges {
            before.entry(b.0).or_default().push(a.0);
        }
        let mut watch = Watch { plan: &plan, before, running: Vec::new(), done: BTreeSet::new() };
        let mut run = Run::new(&plan, case.parallelism);
        let (mut ends, mut failed, mut stopped_with) = (0, BTreeSet::new(), None);
        loop {
            for step in run.ready() {
                prop_assert!(stopped_with.is_none(), "started after the stop");
                watch.started(step.0, case.parallelism)?;
            }
            if case.stop == Some(ends) && stopped_with.is_none() {
                run.stop();
                stopped_with = Some(watch.running.clone());
            }
            if watch.running.is_empty() {
                prop_assert!(run.is_over(), "nothing runs, and it is not over");
                break;
            }
            prop_assert!(!run.is_over(), "over while {:?} run", watch.running);
            let pick = case.picks.get(ends).copied().unwrap_or(0) % watch.running.len();
            let step = watch.running.remove(pick);
            let ok = !case.fails.contains(&step);
            run.record(StepId(step), ok);
            if ok { watch.done.insert(step); } else { failed.insert(step); }
            ends += 1;
        }
        for (step, cause) in run.left() {
            let needs = watch.needs(step.0);
            match cause {
                Some(cause) => prop_assert!(failed.contains(&cause.0) && needs.contains(&cause.0), "{step:?} is blamed on {cause:?}"),
                None => prop_assert!(stopped_with.is_some(), "{step:?} was left without a reason"),
            }
        }
        for step in 0..plan.steps.len() {
            let lost = watch.needs(step).iter().any(|n| failed.contains(n));
            let expected = if plan.steps[step].act == Act::Join {
                continue;
            } else if failed.contains(&step) {
                Progress::Failed
            } else if watch.done.contains(&step) {
                Progress::Done
            } else if lost {
                Progress::Skipped
            } else {
                Progress::Waiting
            };
            prop_assert_eq!(run.progress(StepId(step)), expected, "step {}", step);
            prop_assert!(stopped_with.is_some() || lost || expected != Progress::Waiting, "{} was never started", step);
        }
    }
}

#[test]
fn the_first_free_steps_start_first_and_a_lock_holds_back_its_own_only() {
    let lock = |n: u8| (BTreeSet::from([n]), false);
    let plan = plan(&[lock(1), lock(1), lock(2), (BTreeSet::new(), false)], &[]);
    let mut run = Run::new(&plan, 3);
    assert_eq!(run.ready(), [StepId(0), StepId(2), StepId(3)]);
    run.record(StepId(0), false);
    assert_eq!(run.ready(), [StepId(1)]);
    assert_eq!(run.left(), []);
}
