//! The policy: which role may do what to which kind of thing in an organization.
//!
//! A pure table with no I/O. The server's guards prove a role by it, the console disables what it forbids and says
//! why, and [`matrix`] prints the whole of it for a person to review in a diff.
//!
//! Two views of the same ladder stand here: [`Role`] is a value that is known at run time; [`Level`] is a role as a
//! type, so that a function can ask for a proof of it in its signature.

use shared::Role;
use std::fmt::Write as _;

/// Kinds of things in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Thing {
    /// The organization itself: name, slug, description, colour.
    Org,
    /// Memberships.
    Member,
    /// The caller's own membership.
    OwnMembership,
    /// Organization-bound tokens.
    Token,
    /// Hosts and their measures.
    Host,
    /// Containers, and what is noted about them.
    Container,
    /// Guests, and what is noted about them.
    Guest,
    /// Sharing with other organizations.
    Share,
    /// Plan, limits, usage and payment.
    Billing,
    /// The caller's own conversation with the assistant.
    Assistant,
}

impl Thing {
    /// All kinds, in the order of the matrix.
    pub const ALL: [Self; 10] = [
        Self::Org,
        Self::Member,
        Self::OwnMembership,
        Self::Token,
        Self::Host,
        Self::Container,
        Self::Guest,
        Self::Share,
        Self::Billing,
        Self::Assistant,
    ];
}

/// What can be done to a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// See it, in lists and live.
    Read,
    /// Make a new one.
    Create,
    /// Change it.
    Update,
    /// Remove it for good.
    Delete,
}

impl Action {
    /// All actions, in the order of the matrix.
    pub const ALL: [Self; 4] = [Self::Read, Self::Create, Self::Update, Self::Delete];
}

/// The lowest role that may do this, or none where nobody may.
///
/// Organizations are not created in an organization, so `Create` of [`Thing::Org`] is nobody's here.
#[must_use]
pub const fn required_role(action: Action, thing: Thing) -> Option<Role> {
    use Action::{Create, Delete, Read, Update};
    match (thing, action) {
        (Thing::Org | Thing::Member | Thing::Share | Thing::Billing, Read) => Some(Role::Viewer),
        (Thing::Host | Thing::Container | Thing::Guest, Read) => Some(Role::Viewer),
        (Thing::OwnMembership, Read | Delete) => Some(Role::Viewer),
        (Thing::Assistant, Read | Create | Update | Delete) => Some(Role::Viewer), // it sees what they see
        (Thing::OwnMembership, Create | Update) | (Thing::Org, Create) => None,
        (Thing::Token, Read | Create | Update | Delete) => Some(Role::Admin),
        (Thing::Org, Update) => Some(Role::Admin),
        (Thing::Org, Delete) => Some(Role::Owner),
        (Thing::Member | Thing::Share, Create | Update | Delete) => Some(Role::Admin),
        (Thing::Host, Create) => None, // hosts come by report, never by hand
        (Thing::Host, Update | Delete) => Some(Role::Editor),
        (Thing::Container | Thing::Guest, Update) => Some(Role::Editor), // of what is noted about them
        (Thing::Container | Thing::Guest, Create | Delete) => None,      // their engines make and remove them
        (Thing::Billing, Create | Update | Delete) => Some(Role::Owner),
    }
}

/// Whether a role may do this.
#[must_use]
pub fn may(role: Role, action: Action, thing: Thing) -> bool {
    required_role(action, thing).is_some_and(|required| role >= required)
}

/// Whether someone with role `own` may give `to` to a member or token that has role `from` now (none for a new one).
///
/// Nobody gives more than they have, and nobody touches what stands above them. Admins manage members; only owners
/// manage owners.
#[must_use]
pub fn may_grant(own: Role, from: Option<Role>, to: Role) -> bool {
    own >= Role::Admin && to <= own && from.is_none_or(|from| from <= own)
}

/// The whole policy as text: one line per thing and action with the lowest role.
#[must_use]
pub fn matrix() -> String {
    let mut out = String::new();
    for thing in Thing::ALL {
        for action in Action::ALL {
            let role = required_role(action, thing).map_or("nobody", Role::as_str);
            writeln!(out, "{:<16}{:<8}{role}", format!("{thing:?}"), format!("{action:?}")).expect("a string grows");
        }
    }
    out
}

mod sealed {
    pub trait Sealed {}
}

/// A role as a type. Only the four of this crate exist.
pub trait Level: sealed::Sealed + Send + Sync + 'static {
    /// The same role as a value.
    const ROLE: Role;
}

/// `R: AtLeast<L>` holds where role `R` includes all that role `L` may do.
#[diagnostic::on_unimplemented(
    message = "a scope of role `{Self}` does not prove role `{L}`",
    note = "ask for a higher role in the handler's parameters, or `raise` the scope and handle the refusal"
)]
pub trait AtLeast<L: Level>: Level {}

macro_rules! levels {
    ($($(#[$doc:meta])* $name:ident includes $($lower:ident)+;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Level for $name { const ROLE: Role = Role::$name; }
        $(impl AtLeast<$lower> for $name {})+
    )+};
}

levels! {
    /// [`Role::Viewer`] as a type. It has no values: it only stands in signatures.
    Viewer includes Viewer;
    /// [`Role::Editor`] as a type.
    Editor includes Editor Viewer;
    /// [`Role::Admin`] as a type.
    Admin includes Admin Editor Viewer;
    /// [`Role::Owner`] as a type.
    Owner includes Owner Admin Editor Viewer;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of the policy has to be made twice, here and there, and so is seen by whoever reviews it.
    #[test]
    fn the_policy_is_the_one_that_was_reviewed() {
        assert_eq!(matrix(), include_str!("matrix.txt"));
    }

    #[test]
    fn whoever_may_change_a_thing_may_also_see_it() {
        for thing in Thing::ALL {
            for role in Role::ALL {
                for action in Action::ALL {
                    assert!(!may(role, action, thing) || may(role, Action::Read, thing), "{role} {action:?} {thing:?}");
                }
            }
        }
    }

    #[test]
    fn nobody_grants_above_their_own_role_or_touches_someone_above() {
        assert!(!may_grant(Role::Admin, None, Role::Owner));
        assert!(!may_grant(Role::Admin, Some(Role::Owner), Role::Viewer));
        assert!(!may_grant(Role::Editor, None, Role::Viewer));
        assert!(may_grant(Role::Admin, Some(Role::Admin), Role::Viewer));
        assert!(may_grant(Role::Owner, Some(Role::Owner), Role::Admin));
    }

    #[test]
    fn levels_are_ordered_like_roles() {
        fn includes<R: AtLeast<L>, L: Level>() -> bool {
            R::ROLE >= L::ROLE
        }
        assert!(includes::<Owner, Viewer>() && includes::<Admin, Editor>() && includes::<Viewer, Viewer>());
    }
}
