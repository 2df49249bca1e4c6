//! Entries at the end of the chain, within one transaction.

use sqlx::sqlite::SqliteConnection;

use super::super::record::Record;
use super::super::retention;
use super::super::secrets::Secrets;
use super::super::{JournalError, Receipt};
use super::connect;
use super::{Shared, store};
use crate::clock::Time;

/// Where entries of one transaction go.
pub struct Appending<'a> {
    pub connection: &'a mut SqliteConnection,
    pub secrets: &'a Secrets,
    pub shared: &'a Shared,
    pub now: Time,
}

impl Appending<'_> {
    /// Writes one behind `head`. The outer error undoes all, the inner one concerns this entry.
    pub async fn write(
        &mut self,
        record: &Record,
        head: &mut Option<Receipt>,
    ) -> Result<Result<Receipt, JournalError>, JournalError> {
        let displaces = store::displaces(self.connection, record, self.now).await;
        if displaces.map_err(|error| connect::unavailable(&error))? {
            self.sweep(head).await?;
        }
        self.place(record, head).await
    }

    /// Deletes what is past its retention and says so in the chain: both or neither.
    pub async fn sweep(&mut self, head: &mut Option<Receipt>) -> Result<(), JournalError> {
        let answers = store::sweep(self.connection, self.now).await.map_err(|error| connect::unavailable(&error))?;
        if answers > 0 {
            self.place(&retention::swept(answers, self.now), head).await??;
        }
        Ok(())
    }

    /// Writes one whose answer has room.
    async fn place(
        &mut self,
        record: &Record,
        head: &mut Option<Receipt>,
    ) -> Result<Result<Receipt, JournalError>, JournalError> {
        let options = &self.shared.options;
        let outcome = store::append(self.connection, record, *head, self.secrets, options, self.now)
            .await
            .map_err(|error| connect::unavailable(&error))?;
        if let Ok(receipt) = &outcome {
            *head = Some(*receipt);
        }
        Ok(outcome)
    }
}
