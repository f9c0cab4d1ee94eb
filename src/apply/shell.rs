//! Edge: the commands of `local-exec` provisioners, run on this machine, their output told line by line.

#![allow(clippy::disallowed_methods)]

use std::{
    io::{BufRead, BufReader, PipeReader, pipe},
    process::{Command, Stdio},
};

use async_trait::async_trait;
use tokio::sync::mpsc;

/// A command of the user's, ready to be run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// The program and its arguments, the command itself last.
    pub words: Vec<String>,
    pub dir: Option<String>,
    /// Added to the environment of this process.
    pub env: Vec<(String, String)>,
}

/// Where commands are run.
#[async_trait(?Send)]
pub trait Shell {
    /// Runs the command and hands over each line that it prints; gives its exit code (none when a signal ended it).
    ///
    /// # Errors
    /// In words, when it cannot be started.
    async fn run(&self, order: &Order, line: &dyn for<'l> Fn(&'l str)) -> Result<Option<i32>, String>;
}

/// This machine.
pub struct Machine {
    /// Where relative folders begin.
    pub cwd: std::path::PathBuf,
}

#[async_trait(?Send)]
impl Shell for Machine {
    async fn run(&self, order: &Order, line: &dyn for<'l> Fn(&'l str)) -> Result<Option<i32>, String> {
        let (program, args) = order.words.split_first().ok_or("there is no program to run")?;
        let dir = order.dir.as_ref().map_or_else(|| self.cwd.clone(), |d| self.cwd.join(d));
        let mut command = Command::new(program);
        command.args(args).current_dir(dir).envs(order.env.iter().cloned());
        // One pipe for both streams, so that their lines come in the order in which they were printed.
        let (reader, writer) = pipe().map_err(|e| format!("no pipe for its output: {e}"))?;
        let again = writer.try_clone().map_err(|e| format!("no pipe for its output: {e}"))?;
        command.stdin(Stdio::null()).stdout(writer).stderr(again);
        let mut child = command.spawn().map_err(|e| format!("{program:?} cannot be started: {e}"))?;
        // It holds the pipe's end too, and the output ends when nobody holds it any more.
        drop(command);
        let (send, mut lines) = mpsc::unbounded_channel();
        tokio::task::spawn_blocking(move || forward(reader, &send));
        // A thread waits for the end: virtual time then stands still meanwhile.
        let ended = tokio::task::spawn_blocking(move || child.wait());
        while let Some(text) = lines.recv().await {
            line(&text);
        }
        let status = ended.await.map_err(|e| e.to_string())?.map_err(|e| e.to_string())?;
        Ok(status.code())
    }
}

fn forward(stream: PipeReader, send: &mpsc::UnboundedSender<String>) {
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
        if send.send(text).is_err() {
            return;
        }
        bytes.clear();
    }
}

/// A rehearsal: nothing of the user's is run, and that is said.
pub struct Rehearsal;

#[async_trait(?Send)]
impl Shell for Rehearsal {
    async fn run(&self, _order: &Order, line: &dyn for<'l> Fn(&'l str)) -> Result<Option<i32>, String> {
        line("Not run: with --sim nothing outside the simulator is touched.");
        Ok(Some(0))
    }
}
