//! `rastau token new`: a token for a client, shown once.

use super::args::TokenNewArgs;
use super::complain;
use super::output::{FAINT, Output, Styled};
use super::status::{Failure, Status};
use crate::access::token::Token;

/// Prints a new token on standard output, alone, and what to write into the configuration on stderr. It is kept nowhere.
pub fn new(args: &TokenNewArgs) -> Result<Status, Failure> {
    let token = Token::mint()
        .map_err(|error| Failure::new("token", error).remedy("look into the system's source of randomness"))?;
    let digest = token.digest();
    let mut output = Output::standard();
    output.line(token.as_str());
    output.finish()?;
    let hint = |text: &str| complain(Styled(FAINT, text));
    hint("# The token above is shown once: hand it to the client. Below [[access.client]] of the configuration write");
    if let Some(client) = &args.client {
        complain(format_args!("name = \"{client}\""));
    }
    complain(format_args!("token_sha256 = [\"{digest:x}\"]"));
    hint("# or, without a restart, this line into the file access.tokens:");
    complain(format_args!("{} {digest:x}", args.client.as_deref().unwrap_or("CLIENT")));
    Ok(Status::Good)
}
