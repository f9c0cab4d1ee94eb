//! The scheduler, pure: which steps may start now, given which have ended and how. It knows no clock and no network.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    base::ResourceId,
    plan::{Act, Plan, StepId},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Waiting,
    Running,
    Done,
    Failed,
    /// Will not be started: something it needs failed, or the run was stopped.
    Skipped,
}

/// Where a run stands.
#[derive(Clone, Debug)]
pub struct Run {
    progress: Vec<Progress>,
    /// How many steps each still waits for.
    waits: Vec<usize>,
    after: Vec<Vec<usize>>,
    /// The locks that each step needs, by number.
    locks: Vec<BTreeSet<usize>>,
    /// Which locks are taken.
    held: Vec<bool>,
    joins: Vec<bool>,
    /// What made each skipped step impossible.
    blame: BTreeMap<usize, usize>,
    free: BTreeSet<usize>,
    running: usize,
    parallelism: usize,
    stopped: bool,
}

impl Run {
    /// At most `parallelism` steps run at once (at least one).
    pub fn new(plan: &Plan, parallelism: usize) -> Run {
        let n = plan.steps.len();
        let mut numbers: BTreeMap<&ResourceId, usize> = BTreeMap::new();
        let mut number = |id| {
            let next = numbers.len();
            *numbers.entry(id).or_insert(next)
        };
        let locks: Vec<BTreeSet<usize>> = plan.steps.iter().map(|s| s.locks.iter().map(&mut number).collect()).collect();
        let mut run = Run {
            progress: vec![Progress::Waiting; n],
            waits: vec![0; n],
            after: vec![Vec::new(); n],
            locks,
            held: vec![false; numbers.len()],
            joins: plan.steps.iter().map(|s| s.act == Act::Join).collect(),
            blame: BTreeMap::new(),
            free: BTreeSet::new(),
            running: 0,
            parallelism: parallelism.max(1),
            stopped: false,
        };
        for (before, after) in &plan.edges {
            if before.0 < n && after.0 < n {
                run.waits[after.0] += 1;
                run.after[before.0].push(after.0);
            }
        }
        run.free = (0..n).filter(|i| run.waits[*i] == 0).collect();
        run.pass_joins();
        run
    }

    /// Steps that may start now, lowest number first; they count as running from here on.
    pub fn ready(&mut self) -> Vec<StepId> {
        let mut started = Vec::new();
        if self.stopped {
            return started;
        }
        for &step in &self.free {
            if self.running >= self.parallelism {
                break;
            }
            if self.locks[step].iter().any(|lock| self.held[*lock]) {
                continue;
            }
            for lock in &self.locks[step] {
                self.held[*lock] = true;
            }
            self.progress[step] = Progress::Running;
            self.running += 1;
            started.push(StepId(step));
        }
        for step in &started {
            self.free.remove(&step.0);
        }
        started
    }

    /// Notes how a running step ended. After a failure, everything that needs it is skipped; the rest goes on.
    pub fn record(&mut self, step: StepId, ok: bool) {
        let step = step.0;
        if self.progress.get(step) != Some(&Progress::Running) {
            return;
        }
        self.running -= 1;
        for lock in &self.locks[step] {
            self.held[*lock] = false;
        }
        if ok {
            self.finish(step);
            self.pass_joins();
        } else {
            self.progress[step] = Progress::Failed;
            self.skip_after(step);
        }
    }

    fn finish(&mut self, step: usize) {
        self.progress[step] = Progress::Done;
        for next in self.after[step].clone() {
            self.waits[next] -= 1;
            if self.waits[next] == 0 && self.progress[next] == Progress::Waiting {
                self.free.insert(next);
            }
        }
    }

    /// Joins have no work: they are done as soon as they are free.
    fn pass_joins(&mut self) {
        while let Some(join) = self.free.iter().copied().find(|s| self.joins[*s]) {
            self.free.remove(&join);
            self.finish(join);
        }
    }

    fn skip_after(&mut self, failed: usize) {
        let mut stack = self.after[failed].clone();
        while let Some(step) = stack.pop() {
            if self.progress[step] == Progress::Waiting {
                self.progress[step] = Progress::Skipped;
                self.free.remove(&step);
                self.blame.insert(step, failed);
                stack.extend(self.after[step].iter().copied());
            }
        }
    }

    /// Starts nothing more; what runs is left to end.
    pub fn stop(&mut self) {
        self.stopped = true;
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Nothing runs and nothing more will.
    pub fn is_over(&self) -> bool {
        self.running == 0 && (self.stopped || self.free.is_empty())
    }

    pub fn progress(&self, step: StepId) -> Progress {
        self.progress.get(step.0).copied().unwrap_or(Progress::Skipped)
    }

    /// Steps that were not started, each with the failed step that stands in its way (none when the run was stopped).
    pub fn left(&self) -> Vec<(StepId, Option<StepId>)> {
        let open = |s: &usize| matches!(self.progress[*s], Progress::Waiting | Progress::Skipped) && !self.joins[*s];
        (0..self.progress.len()).filter(open).map(|s| (StepId(s), self.blame.get(&s).copied().map(StepId))).collect()
    }
}
