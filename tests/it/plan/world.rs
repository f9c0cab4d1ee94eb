//! A small world for plans and applies: a blueprint in memory, a simulated Azure in process, a state and a journal that
//! survive crashes. Everything runs on tokio's paused clock.

use std::{
    any::Any,
    cell::RefCell,
    collections::BTreeMap,
    fmt::Write as _,
    panic::{AssertUnwindSafe, resume_unwind},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use futures::FutureExt;
use ravelin::{
    apply::{self, Applied, Notice, step::Recorder},
    azure::{self, Arm, Cloud},
    base::{Diagnostic, Diagnostics, ResourceId, Sources, Value},
    graph::Graph,
    lang::{self, Blueprint, Evaluator, Inputs, deps, vars},
    plan::{self, Act, Action, Attempt, Cause, Identity, Live, Options, Plan, Run, Setup, Want},
    sim::{self, Simulator, script::Injection},
    state::{Action as Deed, Entry, Event, Intent, State, pending, replay, v4},
};

use crate::lang::support::Memory;

/// When the simulated time begins: 2026-03-04T05:06:07Z.
const START: i64 = 1_772_600_767_000;

/// What a run is to die of. Counted from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process dies instead of writing this event.
    BeforeEvent(i64),
    /// It dies right after the event is on the disk.
    AfterEvent(i64),
    /// It dies when it is about to send this request.
    BeforeRequest(i64),
    /// It dies while Azure already works on the request: the answer never arrives.
    AfterRequest(i64),
}

/// What travels up the stack when a run dies.
struct Died;

fn die() -> ! {
    // Not a panic: the hook stays silent, and nothing after this runs.
    resume_unwind(Box::new(Died))
}

/// A fuse: dies at zero; below zero it never does.
fn burn(fuse: &AtomicI64) -> bool {
    fuse.fetch_sub(1, Ordering::Relaxed) == 0
}

/// The transport: hands on to the simulator, writes down what was sent, and dies when it is told to.
#[derive(Debug)]
pub struct Tap {
    sim: Simulator,
    before: AtomicI64,
    after: AtomicI64,
    pub sent: AtomicI64,
    /// Writes, as `PUT subnets/a`.
    pub writes: Mutex<Vec<String>>,
    /// Bodies of the writes, in the same order.
    pub bodies: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl HttpClient for Tap {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        if burn(&self.before) {
            die();
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        let method = request.method().to_string();
        if method != "GET" {
            let path = request.url().path();
            let at = path.rsplit("/providers/").next().unwrap_or(path);
            let short: Vec<&str> = at.split('/').skip(if at == path { 3 } else { 1 }).collect();
            self.writes.lock().unwrap().push(format!("{method} {}", short.join("/")));
            if let azure_core::http::Body::Bytes(bytes) = request.body() {
                self.bodies.lock().unwrap().push(String::from_utf8_lossy(bytes).into_owned());
            }
        }
        let dies = burn(&self.after);
        let answer = self.sim.execute_request(request).await;
        if dies {
            die();
        }
        answer
    }
}

/// The journal in memory, with the semantics of the one on disk.
#[derive(Default)]
struct Journal {
    run: String,
    entries: Vec<Entry>,
    before: Option<i64>,
    after: Option<i64>,
    /// Events still to be written before the disk is full; nothing when it never is.
    room: Option<usize>,
}

impl Journal {
    fn write(&mut self, event: &Event) {
        let entry = Entry { run: self.run.clone(), seq: self.entries.len() as u64 + 1, event: event.clone() };
        // Through JSON, as the file has it.
        let text = serde_json::to_string(&entry).unwrap();
        self.entries.push(serde_json::from_str(&text).unwrap());
    }

    /// Begins a run; intents whose end is not known are carried over.
    fn start(&mut self, run: String, state: &State, carried: &[Intent]) {
        self.run = run;
        self.entries.clear();
        let started = Event::Started { plan: String::new(), lineage: state.lineage.clone(), serial: state.serial, at: String::new() };
        self.write(&started);
        for intent in carried {
            self.write(&Event::Intent(intent.clone()));
        }
    }

    fn is_finished(&self) -> bool {
        self.entries.last().is_none_or(|e| matches!(e.event, Event::Finished { .. }))
    }
}

fn tick(fuse: &mut Option<i64>) {
    if let Some(left) = fuse {
        if *left == 0 {
            die();
        }
        *left -= 1;
    }
}

impl Recorder for Journal {
    fn record(&mut self, event: &Event) -> Result<(), Diagnostic> {
        tick(&mut self.before);
        if let Some(room) = &mut self.room {
            if *room == 0 {
                return Err(Diagnostic::error("state-io", "State cannot be accessed", "Cannot write the journal: no space left on device."));
            }
            *room -= 1;
        }
        self.write(event);
        tick(&mut self.after);
        Ok(())
    }
}

/// A blueprint that was read.
pub struct Read {
    pub files: Memory,
    pub sources: Sources,
    pub blueprint: Blueprint,
    pub variables: BTreeMap<String, Value>,
}

/// A plan with the blueprint that made it.
pub struct Planned {
    pub read: Read,
    pub plan: Plan,
    /// What Azure answered while it was made.
    pub live: Live,
    carried: Vec<Intent>,
}

/// How an apply ended.
pub enum Ended {
    Died,
    Done(Box<Applied>),
}

pub struct World {
    pub sim: Simulator,
    pub tap: Arc<Tap>,
    pub arm: Arm,
    /// What the state file holds.
    pub state: State,
    journal: Journal,
    runs: usize,
    pub parallelism: usize,
    /// Ends an apply after this time, as Ctrl-C would.
    pub stop_after: Option<Duration>,
    /// Each step as it started and ended, in order.
    pub steps: RefCell<Vec<String>>,
    /// Journal entries that a run may still write; for a full disk.
    pub room: Option<usize>,
    /// Whether the state file can be written.
    pub writable: bool,
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}

impl World {
    pub fn new() -> World {
        let sim = Simulator::open(None, START).unwrap();
        sim.configure(|s| s.check_permissions = true);
        let tap = Arc::new(Tap {
            sim: sim.clone(),
            before: AtomicI64::new(-1),
            after: AtomicI64::new(-1),
            sent: AtomicI64::new(0),
            writes: Mutex::default(),
            bodies: Mutex::default(),
        });
        let arm = azure::with_token(Cloud::public(), sim::SUBSCRIPTION, "token", tap.clone(), "test");
        let state = State::new("lineage", "1.11.0");
        World {
            sim,
            tap,
            arm,
            state,
            journal: Journal::default(),
            runs: 0,
            parallelism: 10,
            stop_after: None,
            steps: RefCell::default(),
            room: None,
            writable: true,
        }
    }

    /// The same Azure as somebody sees it who has no state yet.
    pub fn stranger(self) -> World {
        World { state: State::new("stranger", "1.11.0"), journal: Journal::default(), ..self }
    }

    /// Takes what was sent to Azure since the last time, one write a line.
    pub fn sent(&self) -> String {
        self.tap.bodies.lock().unwrap().clear();
        std::mem::take(&mut *self.tap.writes.lock().unwrap()).into_iter().map(|w| w + "\n").collect()
    }

    /// A fault that Azure will show.
    pub fn fault(&self, method: &str, path: &str, status: u16, code: &str) {
        let message = format!("{code} was injected.");
        let (method, path, code) = (method.to_owned(), path.to_owned(), code.to_owned());
        self.sim.store().script.faults.push(Injection { method, path, skip: 0, times: None, one_in: 0, status, code, message, retry_after: None });
    }

    pub fn no_faults(&self) {
        self.sim.store().script.faults.clear();
    }

    /// Resources that exist, by the last two parts of their ids, resource group first.
    pub fn there(&self) -> Vec<String> {
        self.sim.list().into_iter().map(|(id, _)| id.rsplit('/').take(2).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("/")).collect()
    }

    pub async fn plan(&self, text: &str) -> Result<Planned, String> {
        self.plan_with(text, Options::default()).await
    }

    /// The plan, as the command makes it: recover, plan, ask, plan again.
    pub async fn plan_with(&self, text: &str, options: Options) -> Result<Planned, String> {
        let read = read(text)?;
        let (state, pending) = self.believed();
        let interrupted: BTreeMap<_, _> = pending.iter().filter(|i| i.action == Deed::Create).map(|i| (i.address.clone(), i.id.clone())).collect();
        let who = self.arm.context();
        let identity = Identity {
            subscription: who.subscription.clone(),
            tenant: sim::TENANT.to_owned(),
            client: Some(sim::CLIENT.to_owned()),
            object: Some(sim::OBJECT.to_owned()),
        };
        let setup = Setup {
            blueprint: &read.blueprint,
            sources: &read.sources,
            files: &read.files,
            inputs: inputs(&read.variables, true),
            state: &state,
            interrupted: &interrupted,
            identity,
            options: &options,
        };
        let mut live = Live::default();
        loop {
            let mut diags = Diagnostics::default();
            match plan::attempt(&setup, &live, &Run::default(), &mut diags) {
                Attempt::Wants(wants) => ask(&self.arm, &wants, &mut live).await.map_err(|e| e.to_string())?,
                Attempt::Plan(plan) => return Ok(Planned { plan: *plan, live, carried: pending, read }),
                Attempt::Allocate { requests, .. } => return Err(format!("ranges are asked for: {requests:?}")),
                Attempt::Failed => return Err(told(&diags, &read.sources)),
            }
        }
    }

    /// State and open intents after folding in what an interrupted run wrote down.
    fn believed(&self) -> (State, Vec<Intent>) {
        // Through text, as the file has it.
        let state = v4::read(&v4::write(&self.state)).unwrap();
        let events: Vec<Event> = self.journal.entries.iter().map(|e| e.event.clone()).collect();
        let open = pending(&events);
        if self.journal.is_finished() {
            return (state, open);
        }
        (replay(state.clone(), &self.journal.entries).succeed(&state), open)
    }

    /// Carries a plan out, as the command does: state, journal, run, state, end of journal.
    pub async fn carry_out(&mut self, planned: &Planned, crash: Option<Crash>) -> Ended {
        match crash {
            Some(Crash::BeforeRequest(k)) => self.tap.before.store(k, Ordering::Relaxed),
            Some(Crash::AfterRequest(k)) => self.tap.after.store(k, Ordering::Relaxed),
            _ => {}
        }
        self.journal.before = if let Some(Crash::BeforeEvent(k)) = crash { Some(k) } else { None };
        self.journal.after = if let Some(Crash::AfterEvent(k)) = crash { Some(k) } else { None };
        let result = AssertUnwindSafe(self.run(planned)).catch_unwind().await;
        self.tap.before.store(-1, Ordering::Relaxed);
        self.tap.after.store(-1, Ordering::Relaxed);
        (self.journal.before, self.journal.after) = (None, None);
        match result {
            Ok(applied) => Ended::Done(Box::new(applied)),
            Err(cause) if (*cause).is::<Died>() => Ended::Died,
            Err(cause) => resume_unwind(cause as Box<dyn Any + Send>),
        }
    }

    async fn run(&mut self, planned: &Planned) -> Applied {
        let (believed, _) = self.believed();
        let start = planned.plan.prior.clone().succeed(&believed);
        self.state = start.clone();
        self.runs += 1;
        self.journal.start(format!("run{}", self.runs), &start, &planned.plan.unsettled(&planned.carried));
        self.journal.room = self.room;
        let plan = Plan { prior: start.clone(), ..planned.plan.clone() };
        let read = &planned.read;
        let steps = &self.steps;
        let notice = |n: Notice| match n {
            Notice::Started { step } => steps.borrow_mut().push(format!("start {}", label(&plan, step.0))),
            Notice::Ended { step, .. } => steps.borrow_mut().push(format!("end {}", label(&plan, step.0))),
            Notice::Failed { step, .. } => steps.borrow_mut().push(format!("fail {}", label(&plan, step.0))),
            _ => {}
        };
        let settings = apply::Settings {
            blueprint: &read.blueprint,
            eval: Evaluator::new(&read.blueprint, &read.sources, &read.files, inputs(&read.variables, false)),
            subscriptions: plan::walk::subscriptions_of(&read.blueprint, &read.sources, &read.files, &inputs(&read.variables, true)),
            arm: &self.arm,
            outside: &super::outside::Still::default(),
            shell: &apply::shell::Rehearsal,
            parallelism: self.parallelism,
            clock: &|| "2026-03-04T05:06:07Z".to_owned(),
            notice: &notice,
            recorder: &mut self.journal,
        };
        let stop_after = self.stop_after;
        let stop = async move {
            match stop_after {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let applied = apply::drive(&plan, settings, stop).await;
        tick(&mut self.journal.before);
        if self.writable {
            let mut end = applied.state.clone();
            end.journal = self.journal.entries.last().map(|e| ravelin::state::Mark { run: e.run.clone(), seq: e.seq });
            self.state = end.succeed(&start);
            tick(&mut self.journal.after);
            self.journal.write(&Event::Finished { at: String::new() });
        }
        applied
    }

    /// Plans and applies; the text says what was wrong, and is empty when nothing was.
    pub async fn apply(&mut self, text: &str) -> String {
        self.apply_with(text, Options::default()).await
    }

    pub async fn apply_with(&mut self, text: &str, options: Options) -> String {
        let planned = match self.plan_with(text, options).await {
            Ok(planned) => planned,
            Err(error) => return error,
        };
        let Ended::Done(applied) = self.carry_out(&planned, None).await else { return "died\n".to_owned() };
        let mut diags = applied.diags.clone();
        diags.extend(apply::drive::blocked(&planned.plan, &applied));
        told(&diags, &planned.read.sources)
    }

    /// Applies without trouble, or says what it was.
    pub async fn stand(&mut self, text: &str) {
        let trouble = self.apply(text).await;
        assert!(trouble.is_empty(), "{trouble}");
        self.sent();
        self.steps.borrow_mut().clear();
    }

    /// The plan as compact text.
    pub async fn shown(&self, text: &str) -> String {
        self.shown_with(text, Options::default()).await
    }

    pub async fn shown_with(&self, text: &str, options: Options) -> String {
        match self.plan_with(text, options).await {
            Ok(planned) => show(&planned),
            Err(error) => error,
        }
    }

    /// Deletes everything and checks that nothing is left.
    pub async fn destroy(&mut self, text: &str) {
        let trouble = self.tear_down(text).await;
        assert!(trouble.is_empty(), "{trouble}");
    }

    /// Deletes everything; the text says what went wrong or was left.
    pub async fn tear_down(&mut self, text: &str) -> String {
        let options = Options { mode: plan::PlanMode::Destroy, ..Options::default() };
        let mut trouble = self.apply_with(text, options).await;
        if !self.there().is_empty() {
            writeln!(trouble, "left in Azure: {:?}", self.there()).unwrap();
        }
        if !self.state.resources.is_empty() || !self.state.deposed.is_empty() {
            writeln!(trouble, "left in the state: {}", self.recorded()).unwrap();
        }
        trouble
    }

    /// The state, one object a line.
    pub fn recorded(&self) -> String {
        let mut out = String::new();
        for (address, instance) in &self.state.resources {
            writeln!(out, "{address}{}", if instance.tainted { " (tainted)" } else { "" }).unwrap();
        }
        for (address, _) in self.state.deposed.keys() {
            writeln!(out, "{address} (deposed)").unwrap();
        }
        out
    }
}

fn inputs(variables: &BTreeMap<String, Value>, planning: bool) -> Inputs {
    Inputs { variables: variables.clone(), plan_mode: planning, ..crate::lang::support::inputs() }
}

/// Reads a blueprint, or says what is wrong with it.
pub fn read(text: &str) -> Result<Read, String> {
    let files = Memory::parse(text);
    let (mut sources, mut diags) = (Sources::default(), Diagnostics::default());
    let blueprint = lang::load(&files, Path::new("."), &mut sources, &mut diags);
    let Some(blueprint) = blueprint.filter(|_| !diags.has_errors()) else { return Err(told(&diags, &sources)) };
    deps::validate_references(&blueprint, &sources, &mut diags);
    let given = vars::gather(&files, Path::new("."), &[], &[], &mut sources, &mut diags);
    let variables = vars::assign(&blueprint.root, given, &mut diags);
    if diags.has_errors() {
        return Err(told(&diags, &sources));
    }
    Ok(Read { files, sources, blueprint, variables })
}

async fn ask(arm: &Arm, wants: &[Want], live: &mut Live) -> Result<(), azure::ArmError> {
    plan::live::look_outside(&super::outside::Still::default(), wants, live).await;
    let get = |w: &Want| if let Want::Get { id, api } = w { Some(azure::Want { id: id.clone(), api: api.clone() }) } else { None };
    let inventory = arm.read_all(&wants.iter().filter_map(get).collect::<Vec<_>>()).await?;
    for want in wants {
        let answer = match want {
            Want::Get { id, .. } => inventory.get(id).flatten().cloned(),
            Want::List { path, api } => Some(serde_json::Value::Array(arm.list(&apply::step::with_api(path, api)).await?)),
            Want::Post { path, api } => {
                let (owner, action) = path.rsplit_once('/').unwrap();
                let owner = ResourceId::parse(owner).unwrap();
                Some(arm.post(&owner, action, api, None, Duration::from_secs(300), &|_| {}).await?)
            }
            Want::Outside(_) => continue,
        };
        live.insert(want, answer);
    }
    Ok(())
}

/// Diagnostics in a few lines, ids shortened.
pub fn told(diags: &Diagnostics, sources: &Sources) -> String {
    let text = brief(&crate::lang::support::show(diags, sources));
    // Request ids follow the count of requests: every change anywhere would show in them.
    text.lines().filter(|l| !l.starts_with("  Request id: ")).map(|l| format!("{l}\n")).collect()
}

/// Text without the parts that every id has.
pub fn brief(text: &str) -> String {
    text.replace(&format!("/subscriptions/{}", sim::SUBSCRIPTION), "/S")
}

fn sign(action: Action) -> &'static str {
    match action {
        Action::NoOp => "=",
        Action::Read => "<=",
        Action::Create => "+",
        Action::Update => "~",
        Action::Replace => "-/+",
        Action::ReplaceCreateFirst => "+/-",
        Action::Delete => "-",
        Action::Forget => ".",
    }
}

fn word(act: Act) -> &'static str {
    match act {
        Act::Create => "create",
        Act::Update => "update",
        Act::Delete => "delete",
        Act::Read => "read",
        Act::Forget => "forget",
        Act::Join => "join",
    }
}

fn label(plan: &Plan, step: usize) -> String {
    let Some(s) = plan.steps.get(step) else { return "?".to_owned() };
    let Some(change) = s.change.and_then(|c| plan.changes.get(c)) else { return word(s.act).to_owned() };
    let deposed = if s.deposed.is_some() { " (deposed)" } else { "" };
    format!("{} {}{deposed}", word(s.act), change.address.to_string().replace("azurerm_", ""))
}

/// Changes with their reasons, then steps with what each waits for (only the nearest; the rest follows).
pub fn show(planned: &Planned) -> String {
    let Planned { plan, read, .. } = planned;
    let mut out = String::new();
    for drift in &plan.drift {
        writeln!(out, "drift {} {}", sign(drift.action), drift.address.to_string().replace("azurerm_", "")).unwrap();
    }
    for change in plan.changes.iter().filter(|c| c.action != Action::NoOp || c.previous.is_some() || c.importing.is_some()) {
        write!(out, "{} {}", sign(change.action), change.address.to_string().replace("azurerm_", "")).unwrap();
        if change.deposed.is_some() {
            out.push_str(" (deposed)");
        }
        if let Some(previous) = &change.previous {
            write!(out, " moved from {}", previous.to_string().replace("azurerm_", "")).unwrap();
        }
        if change.importing.is_some() {
            out.push_str(" imported");
        }
        if let Some(reason) = change.reason {
            write!(out, " {}", reason.word()).unwrap();
        }
        for (path, why) in &change.replace_paths {
            write!(out, "; {}: {why}", ravelin::base::value::show_path(path)).unwrap();
        }
        for because in &change.because {
            let places: Vec<String> = because.places.iter().map(|p| read.sources.locate(*p).to_string()).collect();
            let cause = match &because.cause {
                Cause::Configuration => String::new(),
                Cause::Drift => " drift".to_owned(),
                Cause::Pending(address) => format!(" pending {address}"),
            };
            write!(out, "; {}{cause} <- {}", ravelin::base::value::show_path(&because.path), places.join(" <- ")).unwrap();
        }
        out.push('\n');
    }
    out.push_str(&show_steps(plan));
    for (name, output) in plan.outputs.iter().filter(|(_, o)| o.action() != Action::NoOp) {
        let value = output.after.as_ref().map_or("nothing".to_owned(), |v| v.to_string());
        writeln!(out, "output {name} = {value}").unwrap();
    }
    if out.is_empty() { "nothing to do\n".to_owned() } else { out }
}

fn show_steps(plan: &Plan) -> String {
    let mut out = String::new();
    let graph = Graph::from_edges(plan.steps.len(), plan.edges.iter().map(|(a, b)| (a.0, b.0))).reduced();
    for (i, step) in plan.steps.iter().enumerate() {
        write!(out, "{i:>2} {}", label(plan, i)).unwrap();
        if let Some(carrier) = step.carried_by {
            write!(out, " in {}", carrier.0).unwrap();
        }
        let before = graph.before(i);
        if !before.is_empty() {
            write!(out, " <- {}", before.iter().map(usize::to_string).collect::<Vec<_>>().join(" ")).unwrap();
        }
        out.push('\n');
    }
    out
}
