//! The sections of the page, one a kind of component.

pub mod controls;
pub mod display;
pub mod overlays;

pub use controls::{ButtonSection, ChoiceSection, FieldSection};
pub use display::{
    ChartSection, ColourSection, MeasureSection, NoticeSection, OrgSection, PanelSection, ProblemSection,
    StatusSection, TableSection, TypeSection,
};
pub use overlays::{DialogSection, SwitcherSection};
