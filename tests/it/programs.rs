//! Programs of others that tests run where the machine has them.

use std::path::Path;
use std::process::Command;

/// Runs OpenSSL in a folder; `None`, after saying so, where it cannot be run, else whether it succeeds and what it says if not.
pub fn try_openssl(folder: &Path, arguments: &[&str]) -> Option<Result<(), String>> {
    match Command::new("openssl").current_dir(folder).args(arguments).output() {
        Ok(output) if output.status.success() => Some(Ok(())),
        Ok(output) => Some(Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)))),
        Err(error) => {
            println!("skipped: openssl cannot be run ({error})");
            None
        }
    }
}

/// Runs OpenSSL, which has to succeed; `false` where it cannot be run.
pub fn openssl(folder: &Path, arguments: &[&str]) -> bool {
    try_openssl(folder, arguments).map(Result::unwrap).is_some()
}
