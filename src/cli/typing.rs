//! Edge: lines typed at a terminal, with editing and the history of this run.

use rustyline::{DefaultEditor, error::ReadlineError};

use super::world::Typed;

/// Asks for lines on the process's own terminal. The editor is made when the first line is asked for.
pub fn editor() -> Box<dyn FnMut(&str) -> Typed> {
    let mut editor: Option<DefaultEditor> = None;
    Box::new(move |prompt| {
        if editor.is_none() {
            editor = DefaultEditor::new().ok();
        }
        let Some(editor) = editor.as_mut() else { return Typed::End };
        match editor.readline(prompt) {
            Ok(line) => {
                let _ = editor.add_history_entry(&line);
                Typed::Line(line)
            }
            Err(ReadlineError::Interrupted) => Typed::Interrupted,
            Err(_) => Typed::End,
        }
    })
}
