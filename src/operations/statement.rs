//! 入出金明細: which lines a span has, the search in them, and the files made of them. Nothing here
//! changes anything.

pub mod csv;
pub mod file;
pub mod read;
pub mod zengin;
