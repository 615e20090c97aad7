//! 承認依頼, a button of BFT012.

use actix_web::web::Path;

use crate::operations::bulk_file::submit::{self as act, Submit, SubmitOutcome};
use crate::operations::step::StepOutcome;
use crate::web::bulk_file::list::{ItemQuery, show_file, submit_form};
use crate::web::bulk_file::open;
use crate::web::bulk_file::remove::SeenForm;
use crate::web::bulk_file::upload::after;
use crate::web::bulk_file::words::{ReportView, day_problem};
use crate::web::failure::{PageError, PageResult, see_other};
use crate::web::form_body::FormBody;
use crate::web::page::{Notice, Tone};
use crate::web::visit::Visit;

/// Hands the file in.
///
/// # Errors
/// 4xx for what is no form of ours, 403 for whoever makes no files, 409 where somebody was faster.
pub async fn submit(visit: Visit, id: Path<i64>, body: FormBody) -> PageResult {
    let opened = open(&visit, *id).await?;
    if !opened.actor.may_make {
        return Err(PageError::Forbidden("no right to make files"));
    }
    let (input, key): (SeenForm, _) = body.keyed(&visit, &opened.who, "bulk.submit")?;
    let result_url = format!("{}?done=submitted", opened.url(&visit, ""));
    let again = submit_form(&visit, &opened, key.key.clone());
    let given = Submit {
        user: opened.who.user.clone(),
        file_id: opened.file.id,
        seen: input.draft,
        key,
        result_url: result_url.clone(),
    };
    let refuse = |title: &str, text: String| {
        vec![Notice { tone: Tone::Error, title: title.to_owned(), text: vec![text] }]
    };
    let (refused, report) = match act::submit(&visit.app.services, &opened.who.ctx, given).await? {
        SubmitOutcome::Step(StepOutcome::Done) => return Ok(see_other(&result_url)),
        SubmitOutcome::Step(StepOutcome::Stale) => {
            return Err(PageError::Conflict { back: opened.url(&visit, "") });
        }
        SubmitOutcome::Step(outcome) => match after(&visit, outcome)? {
            Ok(response) => return Ok(response),
            Err(words) => (refuse("まだ承認を依頼していません。", words.to_owned()), None),
        },
        SubmitOutcome::Faulty(report) => (
            refuse(
                "まだ承認を依頼していません。内容に誤りがあります。",
                "下の表の明細を直し、もう一度「承認を依頼する」を押してください。".to_owned(),
            ),
            Some(ReportView::of(&report)),
        ),
        SubmitOutcome::Day(problem, window) => {
            let why = day_problem(&visit.profile, opened.file.kind, (problem, window));
            let text = format!("「名前・口座・指定日の変更」で指定日を変えてください。{why}");
            (refuse("この指定日では、承認を依頼できません。", text), None)
        }
        SubmitOutcome::AboveLimit(most) => (
            refuse(
                "合計金額が、ご契約の1ファイルの限度額を超えています。",
                format!("{most}までになるように、データを分けてください。"),
            ),
            None,
        ),
    };
    show_file(&visit, &opened, &ItemQuery::default(), again, refused, report).await
}
