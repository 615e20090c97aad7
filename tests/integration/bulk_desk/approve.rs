//! One file from the hand-in to its receipt number, several with one code, and what is refused.

use super::site::{Desk, OF_B, OF_C, Spec, TANTO_B, TANTO_C};
use crate::aoba::site::{TANTO_A, TANTO_D};
use crate::dump::{assert_unchanged, dump};
use madoguchi::domain::bulk_file::{BulkKind, BulkState};

#[tokio::test]
async fn b_approves_with_a_code_and_c_sends_with_a_code() {
    let app = Desk::new();
    let id = app.write(&Spec::waiting());
    let b = app.logged_in(TANTO_B).await;
    let menu = b.get("/aoba/files").await.expect_screen("BFT000");
    assert_eq!(menu.fact("承認を待つデータ").as_deref(), Some("1件の承認を待つデータへ"));
    assert_eq!(menu.fact("送信を待つデータ").as_deref(), Some("0件"));
    let list = b.get("/aoba/files/approval").await.expect_screen("BFT020");
    assert!(list.text().contains("11月分給与") && list.text().contains("600,000円"));
    let page = b.get(&format!("/aoba/files/approval/{id}")).await.expect_screen("BFT021");
    assert_eq!(page.fact("合計金額").as_deref(), Some("600,000円"));
    assert_eq!(page.fact("振込指定日").as_deref(), Some("2026年11月27日（金）"));
    assert!(page.text().contains("残り時間は 1日23時間"), "{}", page.text());
    assert!(page.text().contains("今回がはじめて"), "{}", page.text());
    assert!(page.text().contains("このコードで、3件・合計 600,000円 のデータを承認します。"));
    let form = page.form_having("otp");
    let code = app.next_code(OF_B);
    let answer = b.post(&form.action, &form.filled(&[("otp", &code)])).await;
    let result = b.follow(answer.expect_status(303)).await.expect_screen("BFT022");
    assert!(result.text().contains("1件のデータを承認しました"), "{}", result.text());
    assert_eq!(app.file(id, "state"), "approved");
    assert_eq!(app.file(id, "approvals_given"), "1");
    assert_eq!(app.history(id), ["create draft none", "approve_last approved otp"]);
    assert_eq!((app.mails("bulk_approved"), app.mails("bulk_sent")), (1, 0));
    // The same form again shows the same result.
    let again = b.post(&form.action, &form.filled(&[("otp", &code)])).await;
    let again = b.follow(again.expect_status(303)).await.expect_screen("BFT022");
    assert_eq!(again.fact("受付番号"), result.fact("受付番号"));

    let c = app.logged_in(TANTO_C).await;
    let list = c.get("/aoba/files/sending").await.expect_screen("BFT030");
    assert!(list.text().contains("送信の締切は 2026年11月26日 12:00 です"), "{}", list.text());
    let answer = app.send(&c, &[id]).await.expect_status(303);
    let result = c.follow(answer).await.expect_screen("BFT031");
    assert_eq!(result.fact("金額の合計").as_deref(), Some("600,000円"));
    assert_eq!(result.fact("明細の合計").as_deref(), Some("3件"));
    let number = format!("{:0>7}", app.file(id, "receipt_number"));
    assert!(result.text().contains(&number), "{}", result.text());
    assert_eq!(app.file(id, "state"), "sent");
    assert_eq!(app.file(id, "sender_id"), app.id_of(TANTO_C).to_string());
    assert_eq!(app.history(id)[2], "send sent otp");
    assert!(app.last_mail("bulk_sent").contains(&number));
    let detail = c.get(&format!("/aoba/files/history/{id}")).await.expect_screen("BFT040");
    assert_eq!(detail.fact("受付番号").as_deref(), Some(number.as_str()));
    assert!(detail.text().contains("担当者B") && detail.text().contains("担当者C"));
    let audited = "SELECT COUNT(*) FROM audit_lines WHERE result = 'done' AND operation = ";
    assert_eq!(app.number(&format!("{audited}'bulk.approve'")), 1);
    assert_eq!(app.number(&format!("{audited}'bulk.send'")), 1);
}

#[tokio::test]
async fn one_code_approves_all_that_can_be_and_names_the_others() {
    let app = Desk::new();
    let [good, changed, other] =
        [0, 1, 2].map(|_| app.write(&Spec { kind: BulkKind::Bonus, ..Spec::waiting() }));
    app.agree(BulkKind::Salary, |service| {
        service.file_limit_yen = madoguchi::primitives::yen::Yen(1)
    });
    let above = app.write(&Spec::waiting());
    let b = app.logged_in(TANTO_B).await;
    let page = b.get("/aoba/files/approval").await.expect_screen("BFT020");
    assert!(page.text().contains("限度額超過"), "{}", page.text());
    let form = page.keyed_form();
    let code = app.next_code(OF_B);
    let mut fields = form.filled(&[("otp", &code)]);
    let all = [good, changed, other, above];
    fields.extend(all.map(|id| (app.tick(id), "on".to_owned())));
    // Handed in anew with another content after the list was shown.
    let digest = "f".repeat(64);
    app.execute(&format!("UPDATE bulk_files SET content_sha256 = '{digest}' WHERE id = {changed}"));
    let answer = b.post(&form.action, &fields).await.expect_status(303);
    let result = b.follow(answer).await.expect_screen("BFT022").text();
    assert!(result.contains("2件のデータを承認しました"), "{result}");
    assert!(result.contains("2件のデータは承認していません"), "{result}");
    assert!(result.contains("画面を開いたあとで内容が変わりました"), "{result}");
    assert!(result.contains("1ファイルの上限額を超えています"), "{result}");
    let states = all.map(|id| app.file(id, "state"));
    assert_eq!(states, ["approved", "waiting", "approved", "waiting"]);
    assert_eq!(app.audited("bulk.approve", "not done: changed"), 1);
    assert_eq!(app.audited("bulk.approve", "not done: file_limit"), 1);
}

#[tokio::test]
async fn a_changed_content_is_not_approved_and_the_code_is_spent() {
    let app = Desk::new();
    let id = app.write(&Spec::waiting());
    let b = app.logged_in(TANTO_B).await;
    let page = b.get(&format!("/aoba/files/approval/{id}")).await.expect_screen("BFT021");
    let form = page.form_having("otp");
    app.execute(&format!("UPDATE bulk_files SET submission = submission + 1 WHERE id = {id}"));
    let code = app.next_code(OF_B);
    let answer = b.post(&form.action, &form.filled(&[("otp", &code)])).await;
    let answer = answer.expect_status(409).expect_screen("BFT021");
    assert!(answer.summary().contains("内容が変わりました"), "{}", answer.summary());
    assert_eq!(app.file(id, "approvals_given"), "0");
    assert_eq!(app.number("SELECT COUNT(*) FROM bulk_approvals"), 0);
    // The form that came with the answer is of the content as it stands; the code is used up.
    let form = answer.form_having("otp");
    let again = b.post(&form.action, &form.filled(&[("otp", &code)])).await;
    again.expect_status(422).expect_screen("BFT021");
    let code = app.next_code(OF_B);
    let done = b.post(&form.action, &form.filled(&[("otp", &code)])).await;
    b.follow(done.expect_status(303)).await.expect_screen("BFT022");
    assert_eq!(app.file(id, "state"), "approved");
}

#[tokio::test]
async fn whoever_made_a_file_does_not_approve_it_unless_the_contract_says_so() {
    let app = Desk::new();
    let id = app.write(&Spec::waiting());
    // B changed it too.
    let who = app.id_of(TANTO_B);
    app.execute(&format!(
        "INSERT INTO bulk_events (file_id, happened_at, user_id, actor_name, act, state, proof, \
         comment, content_sha256) VALUES ({id}, '2026-11-24 00:00:00', {who}, '担当者B', 'edit', \
         'draft', 'none', '', '')"
    ));
    let b = app.logged_in(TANTO_B).await;
    let page = b.get(&format!("/aoba/files/approval/{id}")).await.expect_screen("BFT021");
    assert!(page.text().contains("作成した方や、すでに承認した方は承認できません"));
    assert!(!page.has_form_to(&format!("/approval/{id}")));
    let list = b.get("/aoba/files/approval").await.expect_screen("BFT020");
    assert!(list.text().contains("ほかの方が承認"), "{}", list.text());
    // A form that was shown to nobody changes nothing.
    let other = app.write(&Spec { kind: BulkKind::Bonus, ..Spec::waiting() });
    let answer = app.approve(&b, &[id]).await.expect_status(409).expect_screen("BFT020");
    assert!(answer.summary().contains("作成した方"), "{}", answer.summary());
    assert_eq!(
        (app.file(id, "state"), app.file(other, "state")),
        ("waiting".into(), "waiting".into())
    );
    app.agree(BulkKind::Salary, |service| service.maker_may_approve = true);
    app.approve(&b, &[id]).await.expect_status(303);
    assert_eq!(app.file(id, "state"), "approved");
}

#[tokio::test]
async fn two_different_people_approve_where_two_are_needed() {
    let app = Desk::new();
    app.grant(TANTO_C, "bulk_approve_payroll");
    let id = app.write(&Spec { needed: 2, ..Spec::waiting() });
    // Keeps the list open for B.
    app.write(&Spec { kind: BulkKind::Bonus, ..Spec::waiting() });
    let (b, c) = (app.logged_in(TANTO_B).await, app.logged_in(TANTO_C).await);
    let first = app.approve(&b, &[id]).await.expect_status(303);
    let result = b.follow(first).await.expect_screen("BFT022").text();
    assert!(result.contains("もう1人の承認が必要です"), "{result}");
    assert_eq!((app.file(id, "state"), app.mails("bulk_approved")), ("waiting".into(), 0));
    let again = app.approve(&b, &[id]).await.expect_status(409);
    assert!(again.summary().contains("すでに承認した方"), "{}", again.summary());
    assert_eq!(app.file(id, "approvals_given"), "1");
    let code = app.next_code(OF_C);
    app.act(&c, "approval", &[id], ("otp", &code)).await.expect_status(303);
    assert_eq!(
        (app.file(id, "state"), app.file(id, "approvals_given")),
        ("approved".into(), "2".into())
    );
    assert_eq!(app.mails("bulk_approved"), 1);
    assert_eq!(
        app.history(id),
        ["create draft none", "approve waiting otp", "approve_last approved otp"]
    );
}

#[tokio::test]
async fn a_return_needs_a_reason_and_no_code() {
    let app = Desk::new();
    let id = app.write(&Spec::waiting());
    let b = app.logged_in(TANTO_B).await;
    let page = b.get(&format!("/aoba/files/approval/{id}")).await.expect_screen("BFT021");
    let form = page.form_having("comment");
    let answer = b.post(&form.action, &form.filled(&[("comment", " \n")])).await;
    let answer = answer.expect_status(422).expect_screen("BFT021");
    assert!(answer.summary().contains("差し戻す理由を入力してください"), "{}", answer.summary());
    let long = "あ".repeat(201);
    let form = answer.form_having("comment");
    let answer = b.post(&form.action, &form.filled(&[("comment", &long)])).await;
    let form = answer.expect_status(422).form_having("comment");
    let fields = form.filled(&[("comment", "鈴木さんの口座が古いものです")]);
    let answer = b.post(&form.action, &fields).await.expect_status(303);
    let detail = b.follow(answer).await.expect_screen("BFT040");
    assert!(detail.text().contains("差し戻しました"), "{}", detail.text());
    assert!(detail.text().contains("鈴木さんの口座が古いものです"));
    assert_eq!(app.file(id, "state"), "returned");
    assert!(app.last_mail("bulk_returned").contains("コメント: 鈴木さんの口座が古いものです"));
    // Twice is once.
    let again = b.post(&form.action, &fields).await.expect_status(303);
    b.follow(again).await.expect_screen("BFT040");
    assert_eq!((app.mails("bulk_returned"), app.history(id).len()), (1, 2));
    let a = app.logged_in(TANTO_A).await;
    let menu = a.get("/aoba/files").await.expect_screen("BFT000");
    assert_eq!(menu.fact("差し戻されたデータ").as_deref(), Some("1件の差し戻されたデータへ"));
}

#[tokio::test]
async fn a_maker_withdraws_and_deletes() {
    let app = Desk::new();
    let id = app.write(&Spec::waiting());
    let a = app.logged_in(TANTO_A).await;
    let path = format!("/aoba/files/history/{id}");
    let page = a.get(&path).await.expect_screen("BFT040");
    assert!(page.text().contains("あと1人の承認が必要です"), "{}", page.text());
    let form = page.form_to("/withdraw");
    let answer = a.post(&form.action, &form.hidden).await.expect_status(303);
    let page = a.follow(answer).await.expect_screen("BFT040");
    assert!(page.text().contains("引き戻しました") && !page.has_form_to("/withdraw"));
    assert_eq!(app.file(id, "state"), "withdrawn");
    let form = page.form_to("/delete");
    let answer = a.post(&form.action, &form.hidden).await.expect_status(303);
    let page = a.follow(answer).await.expect_screen("BFT040");
    assert!(page.text().contains("データを削除しました") && !page.text().contains("11月分給与"));
    assert_eq!(app.file(id, "state"), "deleted");
    assert_eq!(app.number("SELECT COUNT(*) FROM bulk_chunks"), 0);
    assert_eq!(
        app.history(id),
        ["create draft none", "withdraw withdrawn none", "delete deleted none"]
    );
    a.get(&path).await.expect_status(404);
    // The second click shows what the first one did.
    let again = a.post(&form.action, &form.hidden).await.expect_status(303);
    a.follow(again).await.expect_screen("BFT040");
    assert_eq!(app.history(id).len(), 3);
}

#[tokio::test]
async fn a_file_of_another_company_or_kind_is_not_there() {
    let app = Desk::new();
    let id = app.write(&Spec { state: BulkState::Approved, ..Spec::waiting() });
    let code = |app: &Desk| app.code("AOB0000004");
    let d = app.logged_in(TANTO_D).await;
    let before = dump(&app);
    for path in [
        format!("/aoba/files/history/{id}"),
        format!("/aoba/files/history/{id}/csv?format=csv"),
        format!("/aoba/files/approval/{id}"),
    ] {
        d.get(&path).await.expect_status(404).expect_screen("BER404");
    }
    assert_unchanged(&before, &dump(&app), "looking at a foreign file");
    app.put(id, (BulkState::Waiting, 1));
    let page = d.get("/aoba/files/approval").await.expect_screen("BFT020");
    assert!(!page.text().contains("11月分給与"));
    let csrf = page.form_to("/logout");
    for (path, more) in [("approval", "otp"), ("sending", "otp")] {
        let key = "k".repeat(43);
        let mut fields = csrf.hidden.clone();
        fields.push(("request_key".into(), format!("{path}{key}")[..43].to_owned()));
        fields.push((more.into(), code(&app)));
        fields.push((app.tick(id), "on".into()));
        d.post(&format!("/aoba/files/{path}"), &fields).await.expect_status(404);
        app.advance(30);
    }
    assert_eq!(app.file(id, "state"), "waiting");
    // Of the own company, but of a kind with which the user has nothing to do.
    let c = app.logged_in(TANTO_C).await;
    for step in ["make", "approve", "send"] {
        app.execute(&format!(
            "DELETE FROM user_rights WHERE user_id = {} AND user_right = 'bulk_{step}_payroll'",
            app.id_of(TANTO_C)
        ));
    }
    c.get(&format!("/aoba/files/history/{id}")).await.expect_status(404);
    let list = c.get("/aoba/files/history").await.expect_screen("BFT040");
    assert!(!list.text().contains("11月分給与"), "{}", list.text());
}
