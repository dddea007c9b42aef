use std::process::ExitCode;
use std::rc::Rc;

use smol::future;

use super::input::{self, Output};
use super::{session, show};
use crate::error::Error;
use crate::ndjson::{BadCommand, Command, Event, Line};
use crate::node::{Node, Options};

/// Stays logged in and prints what happens; with `json`, for scripts, and takes their commands.
pub(crate) fn run(options: Options, json: bool) -> Result<ExitCode, Error> {
    let mut output = Output::open();
    let print = async move |event: Event<'static>| match json {
        true => output.write(&event.to_line()).await,
        false => match show::line(&event) {
            Some(line) => output.write(&line).await,
            None => Ok(()),
        },
    };
    let user = async move |node: Rc<Node>| match json {
        true => take_commands(&node).await,
        // Only a signal ends it.
        false => future::pending().await,
    };
    session::run(options, user, print)
}

/// Carries out the commands on standard input, to its end or to the command that ends it.
async fn take_commands(node: &Node) -> Result<ExitCode, Error> {
    let mut input = input::open();
    while let Some(line) = input.next().await? {
        let command = match line {
            Line::Whole(line) => Command::parse(line),
            Line::TooLong => Err(BadCommand::too_long()),
        };
        match command {
            Ok(Command::Quit) => break,
            Ok(command) => node.command(command),
            Err(bad) => node.tell(bad.into_event()),
        }
    }
    Ok(ExitCode::SUCCESS)
}
