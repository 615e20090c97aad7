//! Orders of tokens and cards by the administrator, and what the staff do with them (BAU110 to
//! BAU112, STF040).

use super::site::{AOBA, Aoba, Member, TANTO_A, WAKABA};
use crate::browser::{Browser, Fields, Form, Page};
use crate::staff::support::{AUDITOR, CHECKER, CLERK, logged_in};
use madoguchi::domain::token_order::{
    OrderAct, OrderActor, OrderChannel, OrderItem, OrderState, decide,
};

/// BAU111 of an order.
async fn chooses(browser: &Browser, reason: &str, quantity: &str) -> Page {
    let page = browser.get("/aoba/administrator/orders").await.expect_screen("BAU110");
    let answer = browser.submit(&page, &[("reason", reason), ("quantity", quantity)]).await;
    browser.follow(answer).await
}

async fn orders(browser: &Browser, who: Member, reason: &str, quantity: &str) -> Page {
    let page = chooses(browser, reason, quantity).await.expect_screen("BAU111");
    let answer = browser.submit(&page, &[("agreed", "yes"), ("confirm", who.confirm)]).await;
    browser.follow(answer).await.expect_screen("BAU112")
}

fn id_of(page: &Page) -> i64 {
    page.path.rsplit('/').next().unwrap().parse().unwrap()
}

fn state(app: &Aoba, id: i64) -> String {
    app.texts(&format!("SELECT state AS value FROM token_orders WHERE id = {id}")).remove(0)
}

fn told(app: &Aoba, kind: &str) -> Vec<String> {
    app.texts(&format!(
        "SELECT to_address AS value FROM mails WHERE kind = '{kind}' ORDER BY to_address, id"
    ))
}

/// A form of staff, or of the administrator, whether or not its page offers it now.
fn forged(token: &str, values: &[(&str, &str)], nonce: usize) -> Fields {
    let key = format!("{nonce:0>43}");
    let own = [("csrf_token", token), ("request_key", key.as_str())];
    let all = own.iter().chain(values);
    all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn staff_act(browser: &Browser, id: i64, act: &str, values: &[(&str, &str)]) -> Page {
    let form = staff_form(browser, id, act).await;
    browser.post(&form.action, &form.filled(values)).await
}

async fn staff_form(browser: &Browser, id: i64, act: &str) -> Form {
    let page = browser.get(&format!("/aoba/staff/orders/{id}")).await.expect_screen("STF040");
    page.form_to(&format!("/{act}"))
}

type Typed<'a> = &'a [(&'a str, &'a str)];

/// Two of the staff do the same at once, each from a page that still offers it.
async fn both_act(
    (one, other): (&Browser, &Browser),
    (id, act): (i64, &str),
    (first, second): (Typed<'_>, Typed<'_>),
) -> (Page, Page) {
    let forms = (staff_form(one, id, act).await, staff_form(other, id, act).await);
    let fields = (forms.0.filled(first), forms.1.filled(second));
    tokio::join!(one.post(&forms.0.action, &fields.0), other.post(&forms.1.action, &fields.1))
}

fn ledger_is_clean(app: &Aoba) {
    let report = madoguchi::operations::ledger::check::check(&app.services).unwrap();
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn an_order_shows_its_fee_and_acts_once() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    for (reason, quantity, words) in [
        ("", "1", "理由を選んで"),
        ("further", "", "1〜20の数字"),
        ("further", "0", "1〜20の数字"),
        ("further", "21", "1〜20の数字"),
        ("further", "x", "1〜20の数字"),
    ] {
        let values = [("reason", reason), ("quantity", quantity)];
        let page = browser.get("/aoba/administrator/orders").await;
        let answer = browser.submit(&page, &values).await.expect_status(422);
        assert!(answer.summary().contains(words), "{}", answer.summary());
    }
    browser.get("/aoba/administrator/orders/confirm?reason=x").await.expect_status(303);
    let page = chooses(&browser, "further", "３").await.expect_screen("BAU111");
    let facts = ["発行手数料", "消費税（10%）", "合計", "引落口座（代表口座）"];
    let shown = facts.map(|label| page.fact(label).unwrap());
    assert_eq!(shown, ["3,000円", "300円", "3,300円", "本店営業部 普通 8010012"]);
    let unticked = browser.submit(&page, &[("confirm", AOBA.confirm)]).await.expect_status(422);
    assert!(unticked.summary().contains("チェックを入れて"), "{}", unticked.summary());
    let wrong = [("agreed", "yes"), ("confirm", "chigau99")];
    let wrong = browser.submit(&page, &wrong).await.expect_status(422);
    assert!(wrong.summary().contains("ご契約先確認暗証番号が違います"), "{}", wrong.summary());
    // What was seen has to hold: another total or account is none that was agreed to.
    let form = page.form();
    for (name, value) in [("total", "3299"), ("account", "1")] {
        let mut fields = form.filled(&[("agreed", "yes"), ("confirm", AOBA.confirm)]);
        fields.iter_mut().filter(|(field, _)| field == name).for_each(|(_, old)| {
            value.clone_into(old);
        });
        fields.retain(|(field, _)| field != "request_key");
        fields.push(("request_key".to_owned(), format!("{name:0>43}")));
        let answer = browser.post(&form.action, &fields).await.expect_status(409);
        assert!(answer.summary().contains("手数料または口座が変わった"), "{}", answer.summary());
    }
    let before = app.number("SELECT COUNT(*) FROM token_orders");
    let fields = form.filled(&[("agreed", "yes"), ("confirm", AOBA.confirm)]);
    let (one, other) =
        tokio::join!(browser.post(&form.action, &fields), browser.post(&form.action, &fields));
    assert_eq!(one.location, other.location);
    let done = browser.follow(one).await.expect_screen("BAU112");
    assert_eq!(app.number("SELECT COUNT(*) FROM token_orders"), before + 1);
    assert_eq!(app.audited("token.order", "hardware further 3, 3000 and 300 yen"), 1);
    assert_eq!(told(&app, "order_requested"), ["9000000001@example.jp"]);
    let mail = app.last_mail("order_requested");
    assert!(mail.contains("3,300円（うち消費税 300円）") && mail.contains("停止コード"), "{mail}");
    // Withdrawn while nobody has accepted it, and only once.
    let id = id_of(&done);
    let values = [("act", "withdraw"), ("confirm", AOBA.confirm)];
    let answer = browser.submit(&done, &values).await;
    let after = browser.follow(answer).await.expect_screen("BAU112");
    assert!(after.text().contains("取り下げられました"), "{}", after.text());
    assert_eq!((state(&app, id), app.mails("order_withdrawn")), ("withdrawn".into(), 1));
    let fields = forged(done.form().hidden("csrf_token").unwrap(), &values, 1);
    let late = browser.post(&done.path, &fields).await.expect_status(409);
    assert!(late.summary().contains("状態が変わったため"), "{}", late.summary());
    // The first token of a contract that never had one is free.
    app.execute("UPDATE tokens SET contract_id = NULL WHERE serial LIKE 'AOB000000%'");
    app.execute("DELETE FROM token_order_tokens");
    app.execute("DELETE FROM token_orders WHERE portal = 'aoba'");
    let page = chooses(&browser, "further", "2").await.expect_screen("BAU111");
    assert_eq!(page.fact("合計").as_deref(), Some("1,100円"));
    assert!(page.text().contains("はじめの1個は無料"), "{}", page.text());
    let free = chooses(&browser, "further", "1").await.expect_screen("BAU111");
    assert_eq!(free.fact("手数料").as_deref(), Some("無料"));
    let answer = browser.submit(&free, &[("confirm", AOBA.confirm)]).await;
    browser.follow(answer).await.expect_screen("BAU112");
}

#[tokio::test]
async fn from_the_order_to_the_receipt_and_the_ledger_balances() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let clerk = logged_in(&app, "aoba", CLERK).await;
    let page = orders(&browser, AOBA, "further", "2").await;
    let id = id_of(&page);
    let balance = "SELECT balance FROM accounts WHERE number = '8010012' AND portal = 'aoba'";
    let before = app.number(balance);
    let home = clerk.get("/aoba/staff/").await.expect_screen("STF002");
    assert!(home.text().contains("発送前の発行依頼"), "{}", home.text());
    let list = clerk.get("/aoba/staff/orders?state=requested").await.expect_screen("STF040");
    assert!(list.text().contains("あおば商事（9000000001）"), "{}", list.text());
    let none = clerk.get("/aoba/staff/orders?q=9999").await;
    assert!(none.text().contains("見つかりませんでした"));
    staff_act(&clerk, id, "accept", &[]).await.expect_status(303);
    assert_eq!(told(&app, "order_accepted"), ["9000000001@example.jp"]);
    // Nothing is debited that is not there, and nothing moves on.
    app.execute("UPDATE accounts SET balance = 2199 WHERE number = '8010012' AND portal = 'aoba'");
    let poor = staff_act(&clerk, id, "debit", &[]).await.expect_status(422);
    assert!(poor.summary().contains("残高が足りないため"), "{}", poor.summary());
    assert_eq!((state(&app, id), app.number(balance)), ("accepted".into(), 2199));
    app.execute(&format!("UPDATE accounts SET balance = {before} WHERE number = '8010012'"));
    // Not shipped before it is paid.
    let token = poor.form_to("/logout").hidden("csrf_token").unwrap().to_owned();
    let serials = [("serials", "AOB0000101 AOB0000102")];
    let early = format!("/aoba/staff/orders/{id}/ship");
    clerk.post(&early, &forged(&token, &serials, 7)).await.expect_status(409);
    // Two of the staff debit at once: once it is.
    let checker = logged_in(&app, "aoba", CHECKER).await;
    let (one, other) = both_act((&clerk, &checker), (id, "debit"), (&[], &[])).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} {}", one.text(), other.text());
    assert_eq!(app.number(balance), before - 2_200);
    let posted = "SELECT purpose || ' ' || amount AS value FROM postings \
                  JOIN ledger_entries e ON e.id = entry_id JOIN accounts a ON a.id = account_id \
                  WHERE e.kind = 'token_fee' ORDER BY amount";
    let expected = ["customer -2200", "consumption_tax 200", "fee_income 2000"];
    assert_eq!(app.texts(posted), expected);
    ledger_is_clean(&app);
    assert_eq!(told(&app, "order_debited"), ["9000000001@example.jp"]);
    refuses_other_tokens(&app, &clerk, id).await;
    let serials =
        ["AOB0000101、aob0000102", "AOB0000103 AOB0000104"].map(|text| [("serials", text)]);
    let (one, other) = both_act((&clerk, &checker), (id, "ship"), (&serials[0], &serials[1])).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} {}", one.text(), other.text());
    let shipped = "SELECT COUNT(*) FROM tokens WHERE serial LIKE 'AOB00001%' AND state = 'shipped'";
    assert_eq!(app.number(shipped), 2);
    assert!(app.last_mail("order_shipped").contains("下4桁"), "{}", app.last_mail("order_shipped"));
    // The administrator says that they came in.
    let page = browser.get(&page.path).await.expect_screen("BAU112");
    assert!(page.fact("シリアル番号").unwrap().contains("AOB00001"));
    let answer = browser.submit(&page, &[("act", "receive"), ("confirm", AOBA.confirm)]).await;
    browser.follow(answer).await.expect_screen("BAU112");
    assert_eq!(state(&app, id), "received");
    ledger_is_clean(&app);
}

#[tokio::test]
async fn a_card_is_ordered_paid_and_shipped_without_a_token() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let clerk = logged_in(&app, "aoba", CLERK).await;
    let path = "/aoba/administrator/orders";
    browser.get(&format!("{path}?item=app")).await.expect_status(404);
    let page = browser.get(&format!("{path}?item=card")).await.expect_screen("BAU110");
    assert_eq!(page.text().matches("1枚につき 1,650円（税込）").count(), 2, "{}", page.text());
    let form = page.form_having("reason");
    assert!(!form.names.contains(&"quantity".to_owned()) && !page.body.contains("\"further\""));
    for (values, status) in [
        (&[("reason", "")][..], 422),
        (&[("reason", "further")], 422),
        (&[("reason", "lost"), ("quantity", "2")], 400),
    ] {
        browser.post(&form.action, &form.filled(values)).await.expect_status(status);
    }
    // An address that orders two, or a further one, is none.
    for wanted in ["reason=lost&quantity=2", "reason=further&quantity=1"] {
        let answer = browser.get(&format!("{path}/confirm?item=card&{wanted}")).await;
        answer.expect_status(303);
    }
    let answer = browser.post(&form.action, &form.filled(&[("reason", "lost")])).await;
    let page = browser.follow(answer).await.expect_screen("BAU111");
    let facts = ["依頼するもの", "数量", "再発行手数料", "消費税（10%）", "合計"];
    let shown = facts.map(|label| page.fact(label).unwrap());
    assert_eq!(shown, ["お客様カード", "1枚", "1,500円", "150円", "1,650円"]);
    let answer = browser.submit(&page, &[("agreed", "yes"), ("confirm", AOBA.confirm)]).await;
    let page = browser.follow(answer).await.expect_screen("BAU112");
    let id = id_of(&page);
    assert_eq!(app.audited("token.order", "card lost 1, 1500 and 150 yen"), 1);
    assert!(browser.get(path).await.text().contains("お客様カード　紛失による再発行"));
    let balance = "SELECT balance FROM accounts WHERE number = '8010012' AND portal = 'aoba'";
    let (before, tokens) = (app.number(balance), app.number("SELECT COUNT(*) FROM tokens"));
    for act in ["accept", "debit"] {
        staff_act(&clerk, id, act, &[]).await.expect_status(303);
    }
    assert_eq!(app.number(balance), before - 1_650);
    let posted = "SELECT purpose || ' ' || amount || ' ' || e.description AS value FROM postings \
                  JOIN ledger_entries e ON e.id = entry_id JOIN accounts a ON a.id = account_id \
                  WHERE e.kind = 'card_fee' ORDER BY amount";
    let number = page.fact("受付番号").unwrap();
    let line = |text: &str| format!("{text} カード再発行手数料　{number}");
    let expected = ["customer -1650", "consumption_tax 150", "fee_income 1500"].map(line);
    assert_eq!(app.texts(posted), expected);
    ledger_is_clean(&app);
    // Nothing leaves the stock with it.
    let serials = [("serials", "AOB0000101")];
    staff_act(&clerk, id, "ship", &serials).await.expect_status(400);
    staff_act(&clerk, id, "ship", &[]).await.expect_status(303);
    let stock = "SELECT COUNT(*) FROM tokens WHERE state = 'stock' AND serial LIKE 'AOB00001%'";
    assert_eq!((app.number(stock), app.number("SELECT COUNT(*) FROM tokens")), (6, tokens));
    let page = browser.get(&page.path).await.expect_screen("BAU112");
    let answer = browser.submit(&page, &[("act", "receive"), ("confirm", AOBA.confirm)]).await;
    browser.follow(answer).await.expect_screen("BAU112");
    assert_eq!(state(&app, id), "received");
    for (kind, words) in [
        ("order_requested", "お客様カードの再発行依頼を承りました"),
        ("order_accepted", "手数料を代表口座から引き落としたあと"),
        ("order_debited", "お客様カードの再発行手数料を、代表口座から"),
        ("order_shipped", "お客様カードを発送しました"),
    ] {
        let mail = app.last_mail(kind);
        assert!(mail.contains(words) && mail.contains("1,650円（うち消費税 150円）"), "{mail}");
        assert!(!mail.contains("シリアル番号"), "{mail}");
    }
}

/// Tokens: as many as ordered, from stock, all or none.
async fn refuses_other_tokens(app: &Aoba, clerk: &Browser, id: i64) {
    for (typed, words) in [
        ("AOB0000101", "2個、空白で区切って"),
        ("AOB0000101 AOB0000101", "同じシリアル番号が2回"),
        ("AOB0000101 AOB0000004", "在庫にありません"),
        ("AOB0000101 AOB9999999", "このシリアル番号のトークンはありません"),
    ] {
        let answer = staff_act(clerk, id, "ship", &[("serials", typed)]).await.expect_status(422);
        assert!(answer.summary().contains(words), "{typed}: {}", answer.summary());
        assert_eq!(app.token("AOB0000101", "state"), "stock");
    }
}

/// Whoever comes to an order: how the portal answers where the life of an order does not say no.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Who {
    Administrator,
    OtherContract,
    User,
    Clerk,
    Checker,
    Auditor,
}

#[tokio::test]
async fn every_actor_act_and_state() {
    let app = Aoba::new();
    // わかば工業's order without a fee, which can stand anywhere.
    let id =
        app.number("SELECT MAX(id) FROM token_orders WHERE reason = 'expired' AND quantity = 2");
    let (own, foreign) = (app.logged_in(WAKABA).await, app.logged_in(AOBA).await);
    let user = app.logged_in(Member { id: "tantod", password: "TantoD#2026", ..WAKABA }).await;
    let mut people = vec![
        (Who::Administrator, own, WAKABA.confirm),
        (Who::OtherContract, foreign, AOBA.confirm),
        (Who::User, user, "kakunin46"),
    ];
    for (who, member) in [(Who::Clerk, CLERK), (Who::Checker, CHECKER), (Who::Auditor, AUDITOR)] {
        people.push((who, logged_in(&app, "aoba", member).await, ""));
    }
    let mut nonce = 0;
    // A card goes the way of the tokens; whoever may do nothing is not asked twice.
    let of_cards = [Who::Administrator, Who::Clerk];
    let cards = people.iter().filter(|(who, ..)| of_cards.contains(who));
    let all = people.iter().map(|person| (OrderItem::Hardware, person));
    for (item, (who, browser, confirm)) in all.chain(cards.map(|it| (OrderItem::Card, it))) {
        let is_staff = confirm.is_empty();
        let home = browser.get(if is_staff { "/aoba/staff/" } else { "/aoba/" }).await;
        let token = home.form_to("/logout").hidden("csrf_token").unwrap().to_owned();
        let path = if is_staff { "staff" } else { "administrator" };
        let page = format!("/aoba/{path}/orders/{id}");
        let expected = match who {
            Who::OtherContract => 404,
            Who::User => 403,
            _ => 200,
        };
        browser.get(&page).await.expect_status(expected);
        let acts: &[(&str, OrderAct)] = if is_staff {
            &[
                ("accept", OrderAct::Accept),
                ("debit", OrderAct::Debit),
                ("ship", OrderAct::Ship),
                ("receive", OrderAct::Receive),
                ("cancel", OrderAct::Cancel),
            ]
        } else {
            &[("withdraw", OrderAct::Withdraw), ("receive", OrderAct::Receive)]
        };
        for (name, act) in acts {
            for from in OrderState::ALL {
                set(&app, id, *from, item);
                nonce += 1;
                let act_of = (*name, *confirm, item);
                let answer = sends(browser, (&page, &token), act_of, nonce).await;
                let actor = if is_staff { OrderActor::Staff } else { OrderActor::Administrator };
                let decided = decide(*from, OrderChannel::Portal, true, *act, actor);
                let (status, to) = match (who, decided) {
                    (Who::OtherContract, _) => (404, *from),
                    (Who::User | Who::Auditor, _) => (403, *from),
                    (_, Ok(to)) => (303, to),
                    (_, Err(_)) => (409, *from),
                };
                let cell = format!("{who:?} {name} {from} {item}");
                assert_eq!(answer.status, status, "{cell}: {}", answer.text());
                assert_eq!(state(&app, id), to.as_str(), "{cell}");
            }
        }
    }
    // Whoever has no login comes nowhere.
    let stranger = app.browser();
    for path in ["administrator/orders", "staff/orders"] {
        stranger.get(&format!("/aoba/{path}/{id}")).await.expect_status(303);
    }
}

/// The form of an act, of staff where there is no confirming secret.
async fn sends(
    browser: &Browser,
    (page, token): (&str, &str),
    (act, confirm, item): (&str, &str, OrderItem),
    nonce: usize,
) -> Page {
    if !confirm.is_empty() {
        let values = [("act", act), ("confirm", confirm)];
        return browser.post(page, &forged(token, &values, nonce)).await;
    }
    let serials = [("serials", "AOB0000101 AOB0000102")];
    let values: &[(&str, &str)] = if act == "ship" && !item.is_card() { &serials } else { &[] };
    browser.post(&format!("{page}/{act}"), &forged(token, values, nonce)).await
}

/// Puts the order there, of two tokens or a card, and the tokens back into stock.
fn set(app: &Aoba, id: i64, state: OrderState, item: OrderItem) {
    let (reason, quantity) = if item.is_card() { ("lost", 1) } else { ("expired", 2) };
    app.execute(&format!("DELETE FROM token_order_tokens WHERE order_id = {id}"));
    app.execute(&format!(
        "UPDATE token_orders SET state = '{state}', item = '{item}', reason = '{reason}', \
         quantity = {quantity} WHERE id = {id}"
    ));
    app.execute(
        "UPDATE tokens SET state = 'stock', contract_id = NULL WHERE serial LIKE 'AOB000010%'",
    );
}

#[tokio::test]
async fn an_acceptance_and_a_withdrawal_at_once_and_orders_of_others() {
    let app = Aoba::new();
    let browser = app.logged_in(AOBA).await;
    let clerk = logged_in(&app, "aoba", CLERK).await;
    let page = orders(&browser, AOBA, "lost", "1").await;
    let id = id_of(&page);
    let values = [("act", "withdraw"), ("confirm", AOBA.confirm)];
    let accepts = staff_form(&clerk, id, "accept").await;
    let accepting = accepts.filled(&[]);
    let (accepted, withdrawn) =
        tokio::join!(clerk.post(&accepts.action, &accepting), browser.submit(&page, &values));
    let mut statuses = [accepted.status, withdrawn.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    let (mails, state) =
        (app.mails("order_accepted") + app.mails("order_withdrawn"), state(&app, id));
    assert_eq!(mails, 1);
    assert_eq!(state, if accepted.status == 303 { "accepted" } else { "withdrawn" });
    // Users do not order, and the other contract's list is its own.
    app.logged_in(TANTO_A).await.get("/aoba/administrator/orders").await.expect_status(403);
    let number = page.fact("受付番号").unwrap();
    let path = "/aoba/administrator/orders";
    let list = app.logged_in(WAKABA).await.get(path).await.expect_screen("BAU110");
    assert!(!list.text().contains(&number), "{}", list.text());
    assert!(browser.get(path).await.text().contains(&number));
    // Portals without such a screen have no such address.
    let other = app.browser();
    other.get("/inaho/administrator/orders").await.expect_status(404);
    other.get("/minori/staff/orders").await.expect_status(303);
}

#[tokio::test]
async fn orders_move_only_from_where_they_stand() {
    use madoguchi::db::queries::token_orders::{advance, hold_accepted, set_debited};
    use madoguchi::primitives::ids::{EntryId, TokenOrderId};
    let app = Aoba::new();
    let (id, now) =
        (app.number("SELECT id FROM token_orders WHERE state = 'requested'"), app.now());
    let (order, entry) =
        (TokenOrderId(id), EntryId(app.number("SELECT MIN(id) FROM ledger_entries")));
    let moved = app.services.db.write_blocking(move |conn| {
        let accept = (OrderState::Requested, OrderState::Accepted);
        Ok::<_, madoguchi::db::DbError>([
            hold_accepted(conn, order)?,
            set_debited(conn, order, entry, now)?,
            advance(conn, order, accept, now)?,
            advance(conn, order, accept, now)?,
            hold_accepted(conn, order)?,
            set_debited(conn, order, entry, now)?,
            set_debited(conn, order, entry, now)?,
            hold_accepted(conn, order)?,
        ])
    });
    assert_eq!(moved.unwrap(), [false, false, true, false, true, true, false, false]);
}

#[tokio::test]
async fn an_application_on_paper_is_written_down_and_shipped() {
    let app = crate::app::TestApp::demo("shirakaba");
    let clerk = logged_in(&app, "shirakaba", CLERK).await;
    let path = "/shirakaba/staff/orders/new";
    let page = clerk.get(path).await.expect_screen("STF040");
    let good = [
        ("contract_number", "1000000001"),
        ("note", "M-2026-0500"),
        ("kind", "hardware"),
        ("reason", "further"),
    ];
    for (name, value, words) in [
        ("contract_number", "", "番号を入力"),
        ("contract_number", "9999999999", "この契約番号のご契約はありません"),
        ("note", "", "入力してください"),
        ("kind", "app", "種類を選んで"),
        ("reason", "", "理由を選んで"),
    ] {
        let mut values = good;
        values.iter_mut().filter(|(field, _)| *field == name).for_each(|(_, old)| *old = value);
        let answer = clerk.submit(&page, &values).await.expect_status(422);
        assert!(answer.summary().contains(words), "{name}: {}", answer.summary());
        assert!(name == "note" || answer.body.contains("M-2026-0500"), "{}", answer.body);
    }
    let form = page.form();
    let fields = form.filled(&good);
    let (one, other) = tokio::join!(clerk.post(path, &fields), clerk.post(path, &fields));
    assert_eq!((one.status, other.status), (303, 303), "{} {}", one.text(), other.text());
    assert_eq!(one.location, other.location, "a double click gets the same order");
    let url = one.location.unwrap();
    let page = clerk.get(&url).await.expect_screen("STF040");
    assert_eq!(page.fact("申込書番号").as_deref(), Some("M-2026-0500"));
    assert_eq!(page.fact("手数料").as_deref(), Some("無料"));
    let mails = "SELECT to_address AS value FROM mails WHERE kind LIKE 'order_%' ORDER BY id";
    assert_eq!(app.texts(mails), ["1000000001@example.jp"]);
    let form = page.form_to("/ship");
    let answer = clerk.post(&form.action, &form.filled(&[("serials", "2V0716018001")])).await;
    let page = clerk.follow(answer).await.expect_screen("STF040");
    let owner = "SELECT c.number AS value FROM tokens t JOIN contracts c ON c.id = t.contract_id \
                 WHERE t.serial = '2V0716018001'";
    assert_eq!(app.texts(owner), ["1000000001"]);
    let form = page.form_to("/receive");
    let answer = clerk.post(&form.action, &form.filled(&[])).await;
    let page = clerk.follow(answer).await.expect_screen("STF040");
    assert!(page.fact("受領日時").is_some(), "{}", page.text());
    a_card_on_paper(&app, &clerk, path).await;
    let auditor = logged_in(&app, "shirakaba", AUDITOR).await;
    auditor.get(path).await.expect_status(403);
    let read = auditor.get(&url).await.expect_screen("STF040");
    assert!(!read.has_form_to("/ship"));
}

/// A private customer's card: neither kind nor number is asked, and its fee is debited.
async fn a_card_on_paper(app: &crate::app::TestApp, clerk: &Browser, path: &str) {
    let page = clerk.get(&format!("{path}?item=card")).await.expect_screen("STF040");
    let form = page.form_having("reason");
    assert!(!form.names.contains(&"kind".to_owned()), "{:?}", form.names);
    let card =
        |reason| [("contract_number", "1000000001"), ("note", "M-2026-0501"), ("reason", reason)];
    let none = clerk.submit(&page, &card("further")).await.expect_status(422);
    assert!(none.summary().contains("理由を選んで"), "{}", none.summary());
    let mut with_kind = card("faulty").to_vec();
    with_kind.push(("kind", "hardware"));
    clerk.submit(&page, &with_kind).await.expect_status(400);
    let answer = clerk.submit(&page, &card("faulty")).await;
    let page = clerk.follow(answer).await.expect_screen("STF040");
    let facts = ["依頼されたもの", "理由", "数量", "手数料"].map(|label| page.fact(label).unwrap());
    let fee = "1,100円（うち消費税 100円）";
    assert_eq!(facts, ["お客様カード", "破損・汚れによる再発行", "1枚", fee]);
    let mut page = page;
    for act in ["debit", "ship", "receive"] {
        let form = page.form_to(&format!("/{act}"));
        let answer = clerk.post(&form.action, &form.filled(&[])).await;
        page = clerk.follow(answer).await.expect_screen("STF040");
    }
    assert!(page.fact("受領日時").is_some(), "{}", page.text());
    let posted = "SELECT amount FROM postings JOIN ledger_entries e ON e.id = entry_id \
                  WHERE e.kind = 'card_fee' AND e.portal = 'shirakaba' AND amount < 0";
    assert_eq!(app.number(posted), -1_100);
}
