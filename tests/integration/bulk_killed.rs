//! `kill -9` while bulk files are uploaded, approved and sent: after each restart every file stands
//! as its history says, nothing half-made shows, and what was acknowledged is there once.

mod deciding;
mod site;
mod uploading;
