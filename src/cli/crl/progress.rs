//! Bars for a person who waits for lists; plain lines where stderr is no terminal.

use std::collections::HashMap;
use std::io::{IsTerminal as _, stderr};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::super::complain;
use super::super::output::Clean;
use crate::fetch::Progress;
use crate::revocation::Source;

/// Milliseconds between two turns of the spinner, which shows that somebody is still waiting for a silent server.
const TURN: u64 = 120;

/// One bar for each source; its mirrors share it.
#[derive(Debug)]
pub struct Bars {
    by_address: HashMap<String, ProgressBar>,
}

impl Bars {
    /// Shows that these are waited for.
    pub fn new(sources: &[Source]) -> Self {
        let mut by_address = HashMap::new();
        let all = MultiProgress::new();
        for source in sources {
            if !stderr().is_terminal() {
                complain(format_args!("fetching {}", Clean(&source.to_string())));
                continue;
            }
            let bar = all.add(ProgressBar::no_length().with_message(Clean(&source.to_string()).to_string()));
            bar.set_style(style("{spinner} {msg} {bytes} {elapsed}"));
            bar.enable_steady_tick(std::time::Duration::from_millis(TURN));
            for mirror in source.mirrors() {
                by_address.insert(mirror.to_string(), bar.clone());
            }
        }
        Self { by_address }
    }

    /// Takes the bar of a source away.
    pub fn done(&self, source: &Source) {
        for bar in source.mirrors().iter().filter_map(|mirror| self.by_address.get(&**mirror)) {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bars {
    fn received(&self, url: &str, octets: u64, announced: Option<u64>) {
        let Some(bar) = self.by_address.get(url) else { return };
        if let Some(length) = announced
            && bar.length() != Some(length)
        {
            bar.set_style(style("{spinner} {msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}"));
            bar.set_length(length);
        }
        bar.set_position(octets);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
