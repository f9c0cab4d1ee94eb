//! Writes: send, follow the operation to its end, read the outcome. Loops here, decisions in `retry` and `operation`.

use std::time::Duration;

use azure_core::http::{
    Method, Url,
    headers::{HeaderName, IF_MATCH},
};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::{
    client::{Answer, Arm, Ask, is_absent},
    error::{ArmError, ErrorKind},
    operation::{self, Outcome, Seen, Track},
    retry,
};
use crate::base::ResourceId;

/// Conditions and limits of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// Only when the resource still has this ETag; `*` for "exists".
    pub if_match: Option<String>,
    /// `*`: only when the resource does not exist yet.
    pub if_none_match: Option<String>,
    /// For everything: waiting for others, the request, the operation, the read at the end.
    pub timeout: Duration,
}

impl Default for Write {
    fn default() -> Write {
        Write { if_match: None, if_none_match: None, timeout: Duration::from_secs(30 * 60) }
    }
}

/// What happens while a write is under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Azure took the request and works on it. The URL shows its state, also to a later run (see [`Arm::resume`]).
    Accepted { operation_url: String },
    /// The operation's or resource's state, in the service's own words, each time it changes.
    Status(String),
    /// Waiting before the request is sent again, why, and what Azure answered.
    Waiting { why: String, error: Option<String>, delay: Duration },
}

/// How many polls in a row may fail before the operation is given up.
const BROKEN_POLLS: usize = 5;
/// How long an operation URL, or a resource just written, may still be unknown to some of Azure.
const GRACE: Duration = Duration::from_secs(120);
/// How often a failed creation or change is started anew, when its error is known to pass. Deletions go by time alone.
const RESTARTS: usize = 5;

/// One write on its way: who waits how long for what, and who hears of it.
pub(super) struct Course<'a> {
    pub id: &'a ResourceId,
    pub api: &'a str,
    pub what: String,
    pub started: Instant,
    pub deadline: Instant,
    pub progress: &'a dyn Fn(Progress),
}

impl<'a> Course<'a> {
    fn new(id: &'a ResourceId, api: &'a str, what: String, timeout: Duration, progress: &'a dyn Fn(Progress)) -> Course<'a> {
        let started = Instant::now();
        Course { id, api, what, started, deadline: started + timeout, progress }
    }

    /// The resource provider, which decides how often to poll.
    fn namespace(&self) -> String {
        self.id.kind().and_then(|k| k.split('/').next().map(str::to_owned)).unwrap_or_default()
    }

    /// Sleeps, unless the deadline comes first. Errors: `Timeout`, with the state last seen.
    async fn pause(&self, delay: Duration, state: &str) -> Result<(), ArmError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ArmError::new(ErrorKind::Timeout, self.what.clone(), format!("Not finished in the time allowed; its state was {state}.")));
        }
        tokio::time::sleep(delay.min(left)).await;
        Ok(())
    }
}

impl Arm {
    /// Creates or replaces a resource and waits until it is done. Returns the resource as it is then.
    /// Errors: as refused; `Operation` when it was accepted and failed (the resource may exist); `Timeout`.
    pub async fn put(&self, id: &ResourceId, api: &str, body: &Json, options: &Write, progress: &dyn Fn(Progress)) -> Result<Json, ArmError> {
        self.write(Method::Put, id, api, body, options, progress).await
    }

    /// Changes parts of a resource (tags, mostly) and waits until it is done. Returns the resource as it is then.
    pub async fn patch(&self, id: &ResourceId, api: &str, body: &Json, options: &Write, progress: &dyn Fn(Progress)) -> Result<Json, ArmError> {
        self.write(Method::Patch, id, api, body, options, progress).await
    }

    async fn write(&self, method: Method, id: &ResourceId, api: &str, body: &Json, options: &Write, progress: &dyn Fn(Progress)) -> Result<Json, ArmError> {
        let what = format!("{method} {id}");
        let mut ask = Ask::new(method, self.url(id.as_str(), api)?, what.clone());
        ask.body = Some(body);
        ask.headers = conditions(options);
        // Sent again by the pipeline, a creation that arrived would find itself and be refused.
        ask.once |= options.if_none_match.is_some();
        let course = Course::new(id, api, what, options.timeout, progress);
        let mut restarts = 0;
        loop {
            let answer = match self.call(&ask, course.deadline, progress).await {
                Err(error) if options.if_none_match.is_some() && matches!(error.kind, ErrorKind::Transport | ErrorKind::Service) => {
                    match self.arrived(&course, error, &mut restarts).await? {
                        Some(body) => return Ok(body),
                        None => continue,
                    }
                }
                other => other?,
            };
            match self.follow_write(method, &course, answer).await {
                Ok(outcome) => return Ok(outcome),
                Err(error) => self.restart(method, &course, error, &mut restarts).await?,
            }
        }
    }

    /// After a creation got no answer: the resource, when it is there after all (then followed to its end), or `None` when
    /// it is to be sent again.
    async fn arrived(&self, course: &Course<'_>, error: ArmError, restarts: &mut usize) -> Result<Option<Json>, ArmError> {
        let delay = operation::pause("", *restarts);
        if *restarts >= RESTARTS || Instant::now() + delay > course.deadline {
            return Err(error);
        }
        *restarts += 1;
        (course.progress)(Progress::Waiting { why: "it is unclear whether the request arrived".to_owned(), error: Some(error.to_string()), delay });
        tokio::time::sleep(delay).await;
        match self.get(course.id, course.api).await? {
            Some(_) => self.settled(course).await.map(Some),
            None => Ok(None),
        }
    }

    /// Deletes a resource and waits until it is gone. One that does not exist is fine.
    pub async fn delete(&self, id: &ResourceId, api: &str, timeout: Duration, progress: &dyn Fn(Progress)) -> Result<(), ArmError> {
        let what = format!("DELETE {id}");
        let ask = Ask::new(Method::Delete, self.url(id.as_str(), api)?, what.clone());
        let course = Course::new(id, api, what, timeout, progress);
        let mut restarts = 0;
        loop {
            let answer = match self.call(&ask, course.deadline, progress).await {
                Err(error) if is_absent(&error) => return Ok(()),
                other => other?,
            };
            match self.follow_delete(&course, answer).await {
                Ok(()) => return Ok(()),
                Err(error) => self.restart(Method::Delete, &course, error, &mut restarts).await?,
            }
        }
    }

    /// Runs an action of a resource, such as `start` or `listClusterUserCredential`, and returns its result (null without one).
    pub async fn post(
        &self, id: &ResourceId, action: &str, api: &str, body: Option<&Json>, timeout: Duration, progress: &dyn Fn(Progress),
    ) -> Result<Json, ArmError> {
        let path = format!("{id}/{action}");
        let what = format!("POST {path}");
        let mut ask = Ask::new(Method::Post, self.url(&path, api)?, what.clone());
        let empty = Json::Null;
        ask.body = body.filter(|b| **b != empty);
        let course = Course::new(id, api, what, timeout, progress);
        let answer = self.call(&ask, course.deadline, progress).await?;
        let body = answer.json();
        let location = answer.header("location").map(str::to_owned);
        match self.begin(Method::Post, &course, &answer, &body)? {
            (Track::Finished | Track::State, _) => Ok(body),
            (track @ Track::Location(_), first) => self.follow(&course, &track, first).await,
            (track, first) => {
                let last = self.follow(&course, &track, first).await?;
                // The status body says only that it is over; the result, if there is one, is at `Location`.
                match location {
                    Some(location) => {
                        let url = self.resolve(&location, &course.what)?;
                        Ok(self.read(&Ask::new(Method::Get, url, course.what.clone())).await?.json())
                    }
                    None => Ok(last.get("properties").cloned().unwrap_or(Json::Null)),
                }
            }
        }
    }

    /// Follows an operation that an earlier run started and did not see the end of, then reads the resource (`None`: it is gone).
    pub async fn resume(
        &self, id: &ResourceId, api: &str, operation_url: &str, timeout: Duration, progress: &dyn Fn(Progress),
    ) -> Result<Option<Json>, ArmError> {
        let course = Course::new(id, api, format!("resuming the operation on {id}"), timeout, progress);
        if !operation_url.eq_ignore_ascii_case(id.as_str()) {
            let lower = operation_url.to_ascii_lowercase();
            let result = lower.contains("/operationresults/");
            let track = if result { Track::Location(operation_url.to_owned()) } else { Track::Operation(operation_url.to_owned()) };
            self.follow(&course, &track, None).await?;
        }
        let Some(body) = self.get(id, api).await? else { return Ok(None) };
        match operation::state(&body) {
            Some(state) if state.eq_ignore_ascii_case("Deleting") => self.gone(&course).await.map(|()| None),
            Some(state) if operation::outcome_of_state(state).is_none() => self.settled(&course).await.map(Some),
            _ => Ok(Some(body)),
        }
    }

    /// After an operation failed: waits when starting it anew makes sense, else gives the error back.
    async fn restart(&self, method: Method, course: &Course<'_>, error: ArmError, restarts: &mut usize) -> Result<(), ArmError> {
        let again = if error.kind == ErrorKind::Operation { retry::verdict(method, &error) } else { None };
        let Some(again) = again.filter(|_| method == Method::Delete || *restarts < RESTARTS) else { return Err(error) };
        let delay = again.wait(*restarts, error.retry_after);
        if Instant::now() + delay > course.deadline.min(course.started + again.window) {
            return Err(error);
        }
        *restarts += 1;
        (course.progress)(Progress::Waiting { why: again.why.to_owned(), error: Some(error.to_string()), delay });
        tokio::time::sleep(delay).await;
        Ok(())
    }

    /// Reads an accepting answer: where to look, and the wait it asks for before the first look.
    fn begin(&self, method: Method, course: &Course<'_>, answer: &Answer, body: &Json) -> Result<(Track, Option<Duration>), ArmError> {
        let track = operation::track(method, answer.status, answer.header("azure-asyncoperation"), answer.header("location"), body);
        let track = match track {
            Track::Operation(link) => Track::Operation(self.resolve(&link, &course.what)?.to_string()),
            Track::Location(link) => Track::Location(self.resolve(&link, &course.what)?.to_string()),
            other => other,
        };
        match &track {
            Track::Finished => {}
            Track::State => (course.progress)(Progress::Accepted { operation_url: course.id.to_string() }),
            Track::Operation(url) | Track::Location(url) => (course.progress)(Progress::Accepted { operation_url: url.clone() }),
        }
        // A resource that already stands as it should is looked at right away.
        let done = operation::state(body).and_then(operation::outcome_of_state) == Some(Outcome::Succeeded);
        let first = retry::retry_after(&answer.headers).or(done.then_some(Duration::ZERO));
        Ok((track, first))
    }

    async fn follow_write(&self, method: Method, course: &Course<'_>, answer: Answer) -> Result<Json, ArmError> {
        let body = answer.json();
        match self.begin(method, course, &answer, &body)? {
            (Track::Finished, _) => match operation::state(&body).and_then(operation::outcome_of_state) {
                Some(Outcome::Failed) => Err(state_failed(course, &body)),
                _ if body.is_object() => Ok(body),
                _ => self.settled(course).await,
            },
            (Track::State, first) => {
                let state = operation::state(&body).unwrap_or("Accepted").to_owned();
                (course.progress)(Progress::Status(state.clone()));
                course.pause(first.unwrap_or_else(|| operation::pause(&course.namespace(), 0)), &state).await?;
                self.settled(course).await
            }
            (track, first) => {
                self.follow(course, &track, first).await?;
                self.settled(course).await
            }
        }
    }

    async fn follow_delete(&self, course: &Course<'_>, answer: Answer) -> Result<(), ArmError> {
        let body = answer.json();
        let (track, first) = self.begin(Method::Delete, course, &answer, &body)?;
        match &track {
            Track::Finished => return Ok(()),
            Track::State => course.pause(first.unwrap_or_else(|| operation::pause(&course.namespace(), 0)), "Deleting").await?,
            _ => {
                self.follow(course, &track, first).await?;
            }
        }
        self.gone(course).await
    }

    /// Polls an operation until it ends. Returns the last body. A URL that stays unknown counts as ended: the resource
    /// itself is looked at next in any case.
    async fn follow(&self, course: &Course<'_>, track: &Track, first: Option<Duration>) -> Result<Json, ArmError> {
        let (Track::Operation(link) | Track::Location(link)) = track else { return Ok(Json::Null) };
        let url = self.resolve(link, &course.what)?;
        let (started, namespace) = (Instant::now(), course.namespace());
        let mut delay = first.unwrap_or_else(|| operation::pause(&namespace, 0));
        let (mut state, mut broken) = (String::from("Accepted"), 0);
        for poll in 1.. {
            course.pause(delay, &state).await?;
            let (status, headers, body) = match self.poll(course, &url).await {
                Ok(answer) => (answer.status, answer.headers.clone(), answer.json()),
                Err(error) if error.status == Some(404) => {
                    if started.elapsed() >= GRACE {
                        return Ok(Json::Null);
                    }
                    delay = operation::pause(&namespace, poll);
                    continue;
                }
                Err(error) if matches!(error.kind, ErrorKind::Transport | ErrorKind::Service | ErrorKind::Throttled) && broken < BROKEN_POLLS => {
                    broken += 1;
                    delay = operation::pause(&namespace, poll);
                    continue;
                }
                Err(error) if matches!(error.kind, ErrorKind::Transport | ErrorKind::Service | ErrorKind::Throttled | ErrorKind::Auth) => return Err(error),
                // The end of an operation can also be told as a refusal: a group that could not be deleted answers 409 at its Location.
                Err(mut error) => {
                    error.0.kind = ErrorKind::Operation;
                    return Err(error);
                }
            };
            broken = 0;
            let seen = match track {
                Track::Location(_) => operation::read_location(status, &body),
                _ => operation::read_operation(status, &body),
            };
            match seen {
                Seen::Succeeded => return Ok(body),
                Seen::Failed(word) => return Err(ArmError::failed(course.what.clone(), &word, &body)),
                Seen::Running(word) => {
                    if word != state {
                        (course.progress)(Progress::Status(word.clone()));
                        state = word;
                    }
                }
            }
            delay = retry::retry_after(&headers).map_or_else(|| operation::pause(&namespace, poll), |d| d.max(Duration::from_secs(1)));
        }
        Ok(Json::Null)
    }

    async fn poll(&self, course: &Course<'_>, url: &Url) -> Result<Answer, ArmError> {
        let ask = Ask::new(Method::Get, url.clone(), course.what.clone());
        self.call(&ask, course.deadline, course.progress).await
    }

    /// Reads the resource until its state is no longer changing. Not found is put up with for a while: reads can lag behind writes.
    async fn settled(&self, course: &Course<'_>) -> Result<Json, ArmError> {
        let (started, namespace) = (Instant::now(), course.namespace());
        let mut last = String::new();
        for poll in 0.. {
            let state = match self.get(course.id, course.api).await {
                Ok(Some(body)) => match operation::state(&body).map(|s| (s.to_owned(), operation::outcome_of_state(s))) {
                    None | Some((_, Some(Outcome::Succeeded))) => return Ok(body),
                    Some((_, Some(Outcome::Failed))) => return Err(state_failed(course, &body)),
                    Some((state, None)) => state,
                },
                Ok(None) if started.elapsed() >= GRACE => {
                    let why = "Azure reported success, and the resource is not there.";
                    return Err(ArmError::new(ErrorKind::NotFound, course.what.clone(), why));
                }
                Ok(None) => "not found".to_owned(),
                Err(error) if error.kind == ErrorKind::Forbidden && started.elapsed() < GRACE => "not readable yet".to_owned(),
                Err(error) => return Err(error),
            };
            if state != last {
                (course.progress)(Progress::Status(state.clone()));
                last = state;
            }
            course.pause(operation::pause(&namespace, poll), &last).await?;
        }
        Ok(Json::Null)
    }

    /// Reads the resource until it is gone.
    async fn gone(&self, course: &Course<'_>) -> Result<(), ArmError> {
        let namespace = course.namespace();
        for poll in 0.. {
            let Some(body) = self.get(course.id, course.api).await? else { return Ok(()) };
            let state = operation::state(&body).unwrap_or("still there").to_owned();
            if operation::outcome_of_state(&state) == Some(Outcome::Failed) {
                return Err(state_failed(course, &body));
            }
            course.pause(operation::pause(&namespace, poll), &state).await?;
        }
        Ok(())
    }
}

fn conditions(options: &Write) -> Vec<(HeaderName, String)> {
    let header = |name: HeaderName, value: &Option<String>| value.as_ref().map(|v| (name, v.clone()));
    header(IF_MATCH, &options.if_match).into_iter().chain(header(HeaderName::from_static("if-none-match"), &options.if_none_match)).collect()
}

/// The error of a resource whose own state says that the last change failed.
fn state_failed(course: &Course<'_>, body: &Json) -> ArmError {
    let state = operation::state(body).unwrap_or("Failed");
    let mut error = ArmError::failed(course.what.clone(), state, body);
    if error.code.is_empty() {
        error.0.message = format!("The resource is in the state {state}.");
    }
    error
}
