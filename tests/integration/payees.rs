//! Payees (BTR020 to BTR022): the chooser, names and look-ups, the proof, what a company's payees
//! need beside, and who sees whose.

mod changes;
mod chooser;
mod company;
mod names;
mod once;
mod site;
