//! The kit: what every page is made of. Props in, callbacks out; no context, no request, nothing known of an
//! organization but what is handed in. The page `/ui` shows all of it in all states.
//!
//! | what | components and their main props |
//! |---|---|
//! | buttons | [`Button`] kind size icon busy disabled reason submit block on_press · [`IconButton`] icon label pressed on_press · [`LinkButton`] href · [`TextButton`] on_press |
//! | fields | [`TextField`] label value on_input hint error optional prefix suffix kind autocomplete · [`PasswordField`] · [`TextArea`] · [`SelectField`] value options on_change · [`InlineSelect`] · [`SearchField`] label value on_input · [`Field`] for one's own control |
//! | choices | [`Checkbox`] checked on_change · [`Switch`] on on_change · [`Segmented`] value segments on_change · [`ColourField`] value on_change · [`Tabs`] value tabs on_change |
//! | whose | [`OrgMark`] colour monogram size · [`OrgTag`] colour monogram name · [`Avatar`] name · [`SwitcherButton`] colour monogram name role open busy on_press · [`OrgLine`] colour busy · [`favicon`] |
//! | status | [`StatusMark`] status · [`StatusText`] status · [`Badge`] tone mark · [`Tag`] text |
//! | measures | [`Meter`] percent label · [`Gauge`] percent label · [`Sparkline`] values level · [`TimeSeriesChart`] title data unit max cursor |
//! | panels | [`Card`] · [`CardHead`] title note icon, children at its end · [`CardBody`] · [`StatStrip`], [`Stat`] label value of note · [`DescriptionList`], [`Fact`] name |
//! | tables | [`DataTable`] label density fold · [`ColumnHead`] label numeric sorted on_sort · [`SkeletonRows`] rows columns · [`TwoLines`] title note |
//! | waiting | [`Spinner`] · [`Skeleton`] width · [`SkeletonLines`] lines · [`ProgressLine`] label |
//! | notices | [`Banner`] tone title text · [`EmptyState`] title text icon · [`ProblemNotice`] problem title on_retry · [`FormProblem`] problem, with [`field_error`] for its fields · [`ToastRegion`] toasts on_dismiss on_action |
//! | floating | [`Dialog`] open on_close title text org size foot · [`Drawer`] title mark note on_close · [`Menu`] label items on_choose · [`SwitcherPanel`] query items active on_query on_active on_choose on_close all_href |
//! | to copy | [`CodeBlock`] text · [`CopyField`] label value · [`Kbd`] keys |
//! | theme | [`ThemeButton`] theme on_change · [`apply_theme`] |
//! | icons | [`Icon`] name size; names are those of [`IconName`] |
//!
//! [`mod@format`] says how numbers and times read, [`matching`] finds by typing. Layout has classes and no components:
//! `shell`, `app-header`, `app-nav`, `app-main`, `tab-bar`, `page-head`, `stack`, `cluster`, `columns`, `with-side`,
//! `gate` in `styles/layout.css`.

pub mod button;
pub mod card;
pub mod chart;
pub mod choice;
pub mod code;
pub mod dialog;
pub mod drawer;
pub mod field;
pub mod format;
pub mod icon;
pub mod id;
pub mod matching;
pub mod measure;
pub mod menu;
pub mod notice;
pub mod org;
pub mod problem;
pub mod status;
pub mod switcher;
pub mod table;
pub mod tabs;
pub mod theme;
pub mod toast;
pub mod waiting;

pub use button::{Button, ButtonKind, ControlSize, IconButton, LinkButton, TextButton};
pub use card::{Card, CardBody, CardHead, DescriptionList, Fact, Stat, StatStrip};
pub use chart::{ChartData, ChartLine, TimeSeriesChart, Unit};
pub use choice::{Checkbox, ColourField, Segment, Segmented, Switch};
pub use code::{CodeBlock, CopyButton, CopyField, Kbd};
pub use dialog::{Dialog, DialogSize};
pub use drawer::Drawer;
pub use field::{Field, FieldTies, InlineSelect, PasswordField, SearchField, SelectField, TextArea, TextField};
pub use icon::{Icon, IconName, IconSize};
pub use id::unique_id;
pub use measure::{Gauge, Level, Meter, Sparkline};
pub use menu::{Menu, MenuItem, MenuRow};
pub use notice::{Banner, EmptyState};
pub use org::{Avatar, MarkSize, OrgMark, OrgTag, SwitcherButton, favicon, initials};
pub use problem::{FormProblem, ProblemNotice, field_error, problem_line};
pub use status::{Badge, Status, StatusMark, StatusText, Tag, Tone};
pub use switcher::{SwitcherChoice, SwitcherItem, SwitcherPanel};
pub use table::{ColumnHead, DataTable, Density, SkeletonRows, SortDirection, TwoLines, largest_first};
pub use tabs::{TabItem, Tabs};
pub use theme::{Theme, ThemeButton, apply_theme};
pub use toast::{Toast, ToastItem, ToastRegion};
pub use waiting::{OrgLine, ProgressLine, Skeleton, SkeletonLines, Spinner};
