//! What the four panels of an organization have in common: a frame that outlives a switch.

use crate::context::app;
use leptos::prelude::*;
use org_client::{AppEvent, OrgSession};
use shared::Problem;

/// State of a panel's frame: it belongs to the app, since the panel stays open when the organization changes.
///
/// So it is emptied by [`AppEvent::OrgSwitched`], which the frame subscribes to when the panel is mounted; the
/// subscription ends with the panel. Everything else of a panel stands in its body and dies with the organization.
pub struct Frame<D: Send + Sync + 'static> {
    /// The dialog that is open, with what was typed into it.
    pub dialog: RwSignal<Option<D>>,
    /// Why the last act was refused.
    pub problem: RwSignal<Option<Problem>>,
    /// Whether an act is under way.
    pub busy: RwSignal<bool>,
}

impl<D: Send + Sync + 'static> Clone for Frame<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Send + Sync + 'static> Copy for Frame<D> {}

impl<D: Send + Sync + 'static> Frame<D> {
    /// Mounts the frame of the panel of that name, in the panel's owner.
    pub fn mount(panel: &'static str) -> Self {
        let frame = Self { dialog: RwSignal::new(None), problem: RwSignal::new(None), busy: RwSignal::new(false) };
        app().bus.subscribe(panel, move |event| {
            if let AppEvent::OrgSwitched(_) = event {
                frame.close();
            }
        });
        frame
    }

    /// Opens a dialog, without the refusal of an earlier one.
    pub fn open(&self, dialog: D) {
        self.problem.set(None);
        self.busy.set(false);
        self.dialog.set(Some(dialog));
    }

    /// Closes the dialog and forgets what was typed and refused.
    pub fn close(&self) {
        self.dialog.set(None);
        self.problem.set(None);
        self.busy.set(false);
    }
}

/// Colour and monogram of the organization, for the title of a dialog that changes something in it.
#[must_use]
pub fn dialog_mark(session: &OrgSession) -> Signal<Option<(String, String)>> {
    let session = session.clone();
    Signal::derive(move || {
        let org = session.profile().org;
        Some((org.colour, org.monogram))
    })
}
