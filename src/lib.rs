//! madoguchi: internet banking for small Japanese institutions.
