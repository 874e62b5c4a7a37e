//! What comes before a scanner that stays: the lines of a hand-held reader, the files of a hot folder, and the end.
//!
//! Each has a thread that waits for it and hands it over; the scanner takes one at a time, so that verdicts come in one
//! order, and as fast as they are asked for.

use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::signal::unix::{SignalKind, signal};

use super::hot::Hot;
use crate::scanner::{Line, Source, Unread, lines};

/// What waits to be taken, at most. A reader's lines wait in its pipe then, and a folder that fills faster than it is
/// read is listed anew.
const WAITING: usize = 256;

/// Something to be judged.
#[derive(Debug)]
pub enum Fed {
    /// A text or a file.
    Source(Source),
    /// A line that cannot be judged, and why.
    Unreadable(Unread),
}

/// What the threads say.
enum Word {
    Line(io::Result<Line>),
    /// The reader has gone.
    LinesEnded,
    /// This file was closed after writing, or came under this name.
    Written(PathBuf),
    /// Something happened in the folder that was not told.
    LookAgain,
    /// Somebody asked for the end.
    Stop,
}

/// Gives one thing after another, until nothing more can come or somebody asks for the end.
pub struct Feed {
    words: Receiver<Word>,
    stopped: Arc<AtomicBool>,
    typed: bool,
    hot: Option<Hot>,
    /// Kept alive: it watches as long as it is there.
    _watcher: Option<RecommendedWatcher>,
}

impl Feed {
    /// The lines of standard input, the files of a folder, or both. With `poll` the folder is looked at from time to time
    /// instead of being told of changes: on a network drive nobody tells.
    ///
    /// # Errors
    /// When signals cannot be heard, or the folder cannot be listed.
    pub fn open(typed: bool, folder: Option<PathBuf>, poll: bool) -> io::Result<Self> {
        let (say, words) = sync_channel(WAITING);
        let stopped = Arc::new(AtomicBool::new(false));
        hear_signals(say.clone(), stopped.clone())?;
        let mut watcher = None;
        let hot = match folder {
            None => None,
            Some(folder) => {
                // Watched before it is listed: what comes in between is met twice, and judged once.
                watcher = if poll { None } else { watched(&folder, say.clone()) };
                Some(Hot::open(folder, watcher.is_some())?)
            }
        };
        if typed {
            thread::spawn(move || {
                for line in lines(BufReader::new(io::stdin())) {
                    if say.send(Word::Line(line)).is_err() {
                        return;
                    }
                }
                let _ = say.send(Word::LinesEnded);
            });
        }
        Ok(Self { words, stopped, typed, hot, _watcher: watcher })
    }

    /// The next thing to be judged; none at the end.
    ///
    /// # Errors
    /// When standard input or the folder cannot be read any more.
    pub fn next(&mut self) -> io::Result<Option<Fed>> {
        loop {
            if self.stopped.load(Ordering::Relaxed) || !(self.typed || self.hot.is_some()) {
                return Ok(None);
            }
            if let Some(path) = self.hot.as_mut().and_then(Hot::ready) {
                return Ok(Some(Fed::Source(Source::File(path))));
            }
            let word = match self.hot.as_ref().and_then(Hot::patience) {
                None => self.words.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(patience) => self.words.recv_timeout(patience),
            };
            match word {
                Ok(Word::Line(Ok(Line::Text(text)))) => return Ok(Some(Fed::Source(Source::Text(text)))),
                Ok(Word::Line(Ok(Line::Unreadable(why)))) => return Ok(Some(Fed::Unreadable(why))),
                Ok(Word::Line(Err(error))) => return Err(error),
                Ok(Word::LinesEnded) => self.typed = false,
                Ok(Word::Written(path)) => {
                    if let Some(hot) = &mut self.hot {
                        hot.written(path);
                    }
                }
                Ok(Word::LookAgain) => {
                    if let Some(hot) = &mut self.hot {
                        hot.list()?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    if let Some(hot) = &mut self.hot {
                        hot.look()?;
                    }
                }
                Ok(Word::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }
}

/// The signals by which people and systems end a program. They are heard from here on.
fn hear_signals(say: SyncSender<Word>, stopped: Arc<AtomicBool>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let (mut interrupted, mut terminated) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupted.recv() => {}
                _ = terminated.recv() => {}
            }
        });
        // The flag for a scanner that has much before it, the word for one that waits.
        stopped.store(true, Ordering::Relaxed);
        let _ = say.send(Word::Stop);
    });
    Ok(())
}

/// A watcher of the folder; none where the system has none, and the folder is looked at instead.
fn watched(folder: &std::path::Path, say: SyncSender<Word>) -> Option<RecommendedWatcher> {
    let itself = folder.to_owned();
    let told = move |event: notify::Result<Event>| {
        let Ok(event) = event else {
            let _ = say.send(Word::LookAgain);
            return;
        };
        // Whatever stands under its name from now on is another folder, of which nothing would be heard.
        let gone = matches!(event.kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)));
        if gone && event.paths.contains(&itself) {
            let problem = io::Error::new(io::ErrorKind::NotFound, format!("{} was taken away", itself.display()));
            let _ = say.send(Word::Line(Err(problem)));
            return;
        }
        if event.need_rescan() {
            let _ = say.send(Word::LookAgain);
        }
        let whole = matches!(
            event.kind,
            EventKind::Access(AccessKind::Close(AccessMode::Write))
                | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both))
        );
        if whole && let Some(path) = event.paths.into_iter().next_back() {
            let _ = say.send(Word::Written(path));
        }
    };
    let mut watcher = notify::recommended_watcher(told).ok()?;
    watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
    Some(watcher)
}
