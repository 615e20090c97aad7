//! Five things to try first, on the demo's first page: each button opens the screen on which to go
//! on, with everything before it done.

use serde::Deserialize;

use crate::operations::OperationError;
use crate::web::WebApp;

const STEPS: &str = include_str!("tour.json");

/// A thing to try.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TourStep {
    /// The portal's slug, for the button.
    pub portal: String,
    /// The way, for the button.
    pub key: String,
    /// What it is.
    pub title: String,
    /// What to do.
    pub text: String,
    /// What it is, in English.
    pub english_title: String,
    /// What to do, in English.
    pub english: String,
}

fn all_steps() -> Result<Vec<TourStep>, OperationError> {
    serde_json::from_str(STEPS).map_err(|error| {
        tracing::error!(%error, "the tour");
        OperationError::Corrupt("the tour cannot be read")
    })
}

/// The steps whose portals are served; nothing outside the demo.
///
/// # Errors
/// A mistake in the shipped files.
pub fn steps(app: &WebApp) -> Result<Vec<TourStep>, OperationError> {
    if app.demo.is_none() {
        return Ok(Vec::new());
    }
    let served = |step: &TourStep| app.options.served.contains(&step.portal);
    Ok(all_steps()?.into_iter().filter(served).collect())
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::entries;
    use super::*;

    #[test]
    fn each_step_goes_a_way_that_there_is() {
        let ways = entries().unwrap();
        let steps = all_steps().unwrap();
        assert_eq!(steps.len(), 5);
        for step in steps {
            let is_it = ways.iter().any(|of| of.portal == step.portal && of.key == step.key);
            assert!(is_it, "{} {}", step.portal, step.key);
        }
    }
}
