//! What can be typed instead of clicked. Answers go to standard output, all else to standard error; exit code 0 when it
//! was done, 1 when it failed, 2 when the command makes no sense.

mod doctor;

use crate::{
    cli::{Command, MemberCommand, OrgCommand, StoreArgs, TokenCommand, UsageError, UserCommand, read_password},
    passwords,
    plans::{Catalogue, DEFAULT_PLAN},
    serve::{self, ServeError},
    store_errors::chain,
};
use shared::token::NewToken;
use std::{error::Error, path::PathBuf, process::ExitCode};
use store::{NewOrgRecord, NewUser, Operator, OperatorError, Store};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// It makes no sense: exit code 2.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] store::OpenError),
    /// The store refused.
    #[error(transparent)]
    Operator(#[from] OperatorError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The server did not start, or did not end well.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Something else, as a sentence.
    #[error("{0}")]
    Other(String),
}

/// Does what was typed.
#[must_use]
pub fn run(command: Command) -> ExitCode {
    let done = match command {
        Command::Serve(args) => serve::run(&args).map_err(CommandError::from).map(|()| ExitCode::SUCCESS),
        Command::Doctor(args) => Ok(doctor::run(&args)),
        Command::User(command) => user(command),
        Command::Org(command) => org(command),
        Command::Member(command) => member(command),
        Command::Token(command) => token(command),
    };
    done.unwrap_or_else(|error| {
        eprintln!("bulkhead: {}", chain(&error as &dyn Error));
        match error {
            CommandError::Usage(_) | CommandError::Serve(ServeError::Usage(_)) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    })
}

fn with_operator(
    args: &StoreArgs,
    act: impl FnOnce(&Operator<'_>) -> Result<(), CommandError>,
) -> Result<ExitCode, CommandError> {
    let store = Store::open(args.config()?)?;
    act(&store.operator("command line"))?;
    Ok(ExitCode::SUCCESS)
}

/// The password of a file, or one that is made up, with the words to print then.
fn new_password(file: Option<PathBuf>) -> Result<(String, Option<String>), CommandError> {
    let Some(file) = file else {
        let password = made_up_password();
        return Ok((password.clone(), Some(password)));
    };
    let password = read_password(&file).map_err(|error| {
        CommandError::Other(format!("the password cannot be read from {}: {error}", file.display()))
    })?;
    passwords::check_new(&password)
        .map_err(|message| CommandError::Other(format!("that password is not accepted: {message}")))?;
    Ok((password, None))
}

/// A password of 100 random bits that can be read out.
#[must_use]
pub fn made_up_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

fn user(command: UserCommand) -> Result<ExitCode, CommandError> {
    match command {
        UserCommand::Create { store, email, name, password_file, operator } => {
            let (password, made_up) = new_password(password_file)?;
            with_operator(&store, |act| {
                let password_hash = passwords::hash(&password);
                let id = act.create_user(NewUser { email, name, password_hash, is_operator: operator })?;
                eprintln!("created the account {id}");
                print_secret(made_up, "its password, shown this once:");
                Ok(())
            })
        }
        UserCommand::SetPassword { store, email, password_file } => {
            let (password, made_up) = new_password(password_file)?;
            with_operator(&store, |act| {
                act.set_password(&email, &passwords::hash(&password))?;
                eprintln!("{email} has a new password, and its sessions have ended");
                print_secret(made_up, "the password, shown this once:");
                Ok(())
            })
        }
        UserCommand::List { store } => with_operator(&store, |act| {
            for account in act.list_users()? {
                println!(
                    "{:<40} {}{}",
                    account.email,
                    account.name,
                    if account.is_operator { " (operator)" } else { "" }
                );
            }
            Ok(())
        }),
    }
}

fn print_secret(secret: Option<String>, words: &str) {
    if let Some(secret) = secret {
        eprintln!("{words}");
        println!("{secret}");
    }
}

fn org(command: OrgCommand) -> Result<ExitCode, CommandError> {
    match command {
        OrgCommand::Create { store, name, slug, owner } => with_operator(&store, |act| {
            let record = NewOrgRecord { name, slug, plan_key: DEFAULT_PLAN.to_owned(), ..NewOrgRecord::default() };
            let org = act.create_org(&owner, record)?;
            eprintln!("created {} with the id {}", org.name, org.id);
            println!("{}", org.slug);
            Ok(())
        }),
        OrgCommand::List { store } => with_operator(&store, |act| {
            for record in act.list_orgs()? {
                println!(
                    "{:<24} {:<36} {:<10} {:<12} {:>4} members  {}",
                    record.org.slug,
                    record.org.id,
                    record.org.status.as_str(),
                    record.plan_key,
                    record.members,
                    record.org.name
                );
            }
            Ok(())
        }),
        OrgCommand::SetPlan { store, slug, plan } => {
            let catalogue = Catalogue::default();
            if catalogue.find(&plan).is_none() {
                let known: Vec<_> = catalogue.all().iter().map(|plan| plan.key.as_str()).collect();
                return Err(UsageError(format!("there is no plan {plan}; there are {}", known.join(", "))).into());
            }
            with_operator(&store, |act| {
                act.set_plan(&slug, &plan)?;
                eprintln!("{slug} has the plan {plan}");
                Ok(())
            })
        }
        OrgCommand::Suspend { store, slug } => with_operator(&store, |act| {
            act.suspend(&slug)?;
            eprintln!("{slug} is suspended; open pages are told within two seconds");
            Ok(())
        }),
        OrgCommand::Resume { store, slug } => with_operator(&store, |act| {
            act.resume(&slug)?;
            eprintln!("{slug} is open again");
            Ok(())
        }),
    }
}

fn member(command: MemberCommand) -> Result<ExitCode, CommandError> {
    let MemberCommand::Add { store, org, email, role } = command;
    with_operator(&store, |act| {
        act.add_member(&org, &email, role)?;
        eprintln!("{email} is {role} of {org}");
        Ok(())
    })
}

fn token(command: TokenCommand) -> Result<ExitCode, CommandError> {
    let TokenCommand::Create { store, org, name, kind, role, expires_in } = command;
    with_operator(&store, |act| {
        let created = act.create_token(&org, NewToken { name, kind, role, expires_in_s: expires_in })?;
        eprintln!("created the token {}; its secret is shown this once:", created.token.id);
        println!("{}", created.secret);
        Ok(())
    })
}
