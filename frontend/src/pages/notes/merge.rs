//! Two edits of one version, field by field.

use shared::metadata::MetadataEdit;

/// A field of what is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Description,
    Url,
    Tags,
    Notes,
}

/// Who changed a field since both began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changed {
    /// Nobody, or both to the same.
    Alike,
    Mine,
    Theirs,
    /// Each to something else: a person decides.
    Both,
}

impl Field {
    pub(super) const ALL: [Self; 4] = [Self::Description, Self::Url, Self::Tags, Self::Notes];

    /// Its label in the form.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Description => "Description",
            Self::Url => "Link",
            Self::Tags => "Tags",
            Self::Notes => "Notes",
        }
    }

    /// What stands in it, as text.
    pub(super) fn text(self, edit: &MetadataEdit) -> String {
        match self {
            Self::Description => edit.description.clone(),
            Self::Url => edit.url.clone().unwrap_or_default(),
            Self::Tags => edit.tags.join(" "),
            Self::Notes => edit.notes.clone(),
        }
    }

    fn copy(self, from: &MetadataEdit, to: &mut MetadataEdit) {
        match self {
            Self::Description => to.description.clone_from(&from.description),
            Self::Url => to.url.clone_from(&from.url),
            Self::Tags => to.tags.clone_from(&from.tags),
            Self::Notes => to.notes.clone_from(&from.notes),
        }
    }

    /// Who changed it. `before` is what both began with.
    pub(super) fn changed(self, before: &MetadataEdit, mine: &MetadataEdit, theirs: &MetadataEdit) -> Changed {
        // Their order is the server's: tags are alike when they are the same set.
        let text = |edit: &MetadataEdit| {
            let mut edit = edit.clone();
            edit.tags.sort();
            edit.tags.dedup();
            let text = self.text(&edit);
            // Notes keep the blanks that they begin with, as the server does.
            if self == Self::Notes { text.trim_end().to_owned() } else { text.trim().to_owned() }
        };
        let (before, mine, theirs) = (text(before), text(mine), text(theirs));
        if mine == theirs {
            Changed::Alike
        } else if theirs == before {
            Changed::Mine
        } else if mine == before {
            Changed::Theirs
        } else {
            Changed::Both
        }
    }
}

/// What both changed, one thing: of what each changed, theirs where it is in `taken`, and mine elsewhere.
pub(super) fn merged(
    before: &MetadataEdit,
    mine: &MetadataEdit,
    theirs: &MetadataEdit,
    taken: &[Field],
) -> MetadataEdit {
    let mut edit = mine.clone();
    for field in Field::ALL {
        let is_theirs = match field.changed(before, mine, theirs) {
            Changed::Theirs => true,
            Changed::Both => taken.contains(&field),
            Changed::Mine | Changed::Alike => false,
        };
        if is_theirs {
            field.copy(theirs, &mut edit);
        }
    }
    edit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(description: &str, url: Option<&str>, tags: &[&str], notes: &str) -> MetadataEdit {
        MetadataEdit {
            url: url.map(str::to_owned),
            description: description.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
            notes: notes.to_owned(),
        }
    }

    #[test]
    fn blanks_that_notes_begin_with_are_a_change() {
        let (before, mine) = (edit("", None, &[], "one\ntwo"), edit(" ", None, &[], "    one\ntwo\n"));
        let changes = Field::ALL.map(|field| field.changed(&before, &mine, &before));
        assert_eq!(changes, [Changed::Alike, Changed::Alike, Changed::Alike, Changed::Mine]);
    }

    #[test]
    fn what_only_one_side_changed_is_kept_and_what_both_changed_is_chosen() {
        let before = edit("shop", None, &["a", "b"], "old");
        let mine = edit("my shop", None, &["b", "a"], "mine");
        let theirs = edit("shop", Some("https://shop.test"), &["a", "b"], "theirs");
        let changes = Field::ALL.map(|field| field.changed(&before, &mine, &theirs));
        assert_eq!(changes, [Changed::Mine, Changed::Theirs, Changed::Alike, Changed::Both]);
        let kept = merged(&before, &mine, &theirs, &[]);
        assert_eq!(kept, edit("my shop", Some("https://shop.test"), &["b", "a"], "mine"));
        let taken = merged(&before, &mine, &theirs, &[Field::Notes, Field::Description]);
        assert_eq!(taken, edit("my shop", Some("https://shop.test"), &["b", "a"], "theirs"), "only what both changed");
    }
}
