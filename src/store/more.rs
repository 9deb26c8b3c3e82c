//! What comes after a channel has been opened: the models that an analysis can be without.

use super::host::{Event, Host};
use super::open::{load_model, Loader};
use super::{SelectedModel, StoreOptions};
use crate::error::Error;

/// The models that an analysis can be without, of a channel that is open: those that come before the caller gives up. The host is told
/// of each that does not.
pub async fn more<H: Host, L: Loader>(
    host: &H,
    loader: &L,
    options: &StoreOptions,
    later: Vec<SelectedModel>,
) -> Vec<(SelectedModel, L::Model)> {
    let mut models = Vec::new();
    for selected in later {
        match load_model(host, loader, options, &selected).await {
            Ok(model) => models.push((selected, model)),
            Err(Error { code, message }) => {
                let error = Error::new(code, format!("{}: {message}", selected.id));
                host.tell(Event::Recovered(&error));
                if error.is_of_the_caller() {
                    break;
                }
            }
        }
    }
    models
}
