//! The server that is abused.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for readiness.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process that ends with its value.
pub struct Child(pub std::process::Child);

impl Child {
    pub fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end();
    }
}

/// A running server.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    _data: Option<tempfile::TempDir>,
}

impl Server {
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }
}

/// Starts the program this bench was built with, as the demo, and waits until it is ready.
pub fn start(settings: &[(&str, &str)]) -> Result<Server, String> {
    let data = tempfile::tempdir().map_err(|error| error.to_string())?;
    let address = free_address()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_rastau"));
    command.args(["serve", "--listen", &address.to_string(), "--data"]).arg(data.path());
    command.env_clear().envs(settings.iter().copied()).env("RASTAU_LOG__LEVEL", "error");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = Child(command.spawn().map_err(|error| format!("{}: {error}", env!("CARGO_BIN_EXE_rastau")))?);
    ready(Server { child, address, _data: Some(data) }, "/readyz")
}

/// Starts the least that a server can be (`bare`).
pub fn start_bare() -> Result<Server, String> {
    let address = free_address()?;
    let itself = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(itself);
    command.args(["--bare", "--address", &address.to_string()]).stdin(Stdio::null());
    let child = Child(command.spawn().map_err(|error| error.to_string())?);
    ready(Server { child, address, _data: None }, "/")
}

fn free_address() -> Result<SocketAddr, String> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    free.map_err(|error| error.to_string())
}

/// The server, when it answers.
fn ready(server: Server, path: &str) -> Result<Server, String> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if get(server.address, path).is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            return Ok(server);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err("the server was not ready in time".to_owned())
}

/// The whole answer to one question.
pub fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The body of a request that the demo offers.
pub fn sample(address: SocketAddr, name: &str) -> Result<String, String> {
    let answer = get(address, &format!("/demo/{name}.json")).map_err(|error| error.to_string())?;
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).ok_or_else(|| "no sample".to_owned())
}
