//! A shutdown while something is being signed.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use rastau::http::Server;
use tokio::io::AsyncWriteExt as _;

use super::*;

/// A key that takes its time: it says that it was asked, and signs when told to.
struct Slow {
    identity: Arc<dyn Signer>,
    asked: Sender<()>,
    told: Mutex<Receiver<()>>,
}

impl Signer for Slow {
    fn certificate(&self) -> &Certificate {
        self.identity.certificate()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.identity.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let _nobody_listens = self.asked.send(());
        let _over = self.told.lock().unwrap().recv();
        self.identity.sign(message)
    }
}

/// A running office whose key is at work for a caller who has hung up; how to let it sign.
async fn signing(folder: &Path, grace: Duration) -> (Arc<Keeper>, tokio::task::JoinHandle<()>, Sender<()>) {
    let (asked, was_asked) = channel();
    let (tell, told) = channel();
    let slow = Slow { identity: identity("legal-head-valid"), asked, told: Mutex::new(told) };
    let entry = official("head", vec![held("slow", Arc::new(slow))]);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keeper = Keeper::open(Options::new(folder.join("journal"), clock)).await;
    let (mut config, behind) = behind(Setting::of(vec![entry]), Arc::clone(&keeper) as _, folder);
    config.http.listen = ([127, 0, 0, 1], 0).into();
    config.http.shutdown_grace = grace;
    let server = Server::bind(&config, behind).await.unwrap();
    let address = server.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async move {
        let _stopped = stopped.await;
    }));
    let body = licence().to_string();
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nidempotency-key: k1\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut caller = tokio::net::TcpStream::connect(address).await.unwrap();
    caller.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    tokio::task::spawn_blocking(move || was_asked.recv().unwrap()).await.unwrap();
    drop(caller);
    stop.send(()).unwrap();
    (keeper, running, tell)
}

#[tokio::test]
async fn a_signature_that_is_being_made_is_finished_and_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (keeper, running, tell) = signing(folder.path(), Duration::from_secs(600)).await;
    // Nobody is connected any more, and still it goes on.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    assert!(!running.is_finished());
    tell.send(()).unwrap();
    running.await.unwrap();
    let office = app(Setting::of(vec![holder("head", "legal-head-valid")]), Arc::clone(&keeper) as _, folder.path());
    assert_eq!(signed_entries(&office).await, 1);
    // Whoever asks again gets what was signed.
    let (status, answer) = ask(&office, "k1", &licence()).await;
    assert_eq!((status, &answer["replayed"]), (StatusCode::OK, &json!(true)), "{answer}");
}

#[tokio::test]
async fn a_key_that_never_answers_does_not_keep_the_service_from_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let (_keeper, running, tell) = signing(folder.path(), Duration::from_millis(50)).await;
    running.await.unwrap();
    drop(tell);
}
