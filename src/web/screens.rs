//! Every screen stands here once: id, title, address, and how QA reaches it. Pages, the QA console
//! and the tests read this table.

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// 画面ID.
    pub id: &'static str,
    /// Title and `h1`.
    pub title: &'static str,
    /// Address below `/{slug}/`; `{flow}` stands for a flow's id. One with a leading slash belongs
    /// to no portal.
    pub path: &'static str,
    /// Its help page below `/{slug}/`.
    pub help: Option<&'static str>,
    /// How QA reaches it.
    pub how: &'static str,
}

impl Screen {
    /// The screens of the token app, which all portals share.
    pub fn is_of_no_portal(&self) -> bool {
        self.path.starts_with('/')
    }
}

macro_rules! screens {
    ($($name:ident = ($id:literal, $title:literal, $path:literal, $help:expr, $how:literal);)+) => {
        $(
            #[doc = $title]
            pub const $name: Screen =
                Screen { id: $id, title: $title, path: $path, help: $help, how: $how };
        )+

        /// All of them, in the order of the specification.
        pub const SCREENS: &[Screen] = &[$($name,)+];
    };
}

/// What the first letters of an id say: which part of the service a screen belongs to.
pub const FLOWS: &[(&str, &str)] = &[
    ("BLG", "ログイン"),
    ("BAL", "開通・初回設定"),
    ("BTP", "トップページ"),
    ("BOM", "トークンの利用開始・交換・停止"),
    ("BOT", "ソフトウェアトークン"),
    ("BOR", "利用登録"),
    ("BOS", "利用解除"),
    ("BSP", "緊急停止"),
    ("BAC", "口座"),
    ("BTR", "振込・振替"),
    ("BPE", "税金・料金"),
    ("BLM", "限度額"),
    ("BFT", "ファイル伝送"),
    ("BEF", "外部ファイル"),
    ("BAD", "管理者メニュー"),
    ("BAU", "利用者の管理"),
    ("BCE", "電子証明書"),
    ("BCI", "お客様情報"),
    ("BMB", "携帯電話"),
    ("BHL", "ご案内"),
    ("BER", "エラー"),
    ("STF", "職員"),
    ("TOK", "トークンアプリ"),
];

const OTP: Option<&str> = Some("help/otp");
const TOKENS: Option<&str> = Some("help/tokens");
const SECURITY: Option<&str> = Some("help/security");
const FORMATS: Option<&str> = Some("help/files");

screens! {
    BLG001 = ("BLG001", "ログイン", "login", SECURITY, "開くだけで表示されます。");
    BLG010 = ("BLG010", "ワンタイムパスワード認証", "login/otp", OTP,
        "白樺 太郎（1000000002）または児玉 二葉（2000000002）でログインします。");
    BLG011 = ("BLG011", "認証停止のお知らせ", "login/suspended", OTP,
        "白樺 六実（1000000006）でログインします。");
    BLG012 = ("BLG012", "ログイン停止のお知らせ", "login/locked", SECURITY,
        "白樺 七海（1000000007）でログインします。");
    BLG013 = ("BLG013", "トークン登録待ち", "login/waiting", TOKENS,
        "トークンを失効されたお客さまが、登録できる時刻より前にログインします。");
    BLG014 = ("BLG014", "トークン有効期限切れ", "login/expired", TOKENS,
        "有効期限の切れたトークンのお客さまでログインします。");
    BLG015 = ("BLG015", "利用停止のお知らせ", "login", SECURITY,
        "BAU040 でデータ幸子（sachikodt）の利用を停止し、その利用者でログインします。");
    BLG016 = ("BLG016", "利用者電子証明書のお知らせ", "login", SECURITY,
        "--tls-client-listen を付けて起動し、BCE003 の証明書を失効してからログインします。");
    BLG020 = ("BLG020", "ワンタイムパスワード利用開始登録", "login/register", TOKENS,
        "データ四郎（shirodt）でログインします。トークンは 45678901 です。");
    BLG090 = ("BLG090", "ログアウト", "logout", SECURITY, "ログアウトします。");
    BLG091 = ("BLG091", "セッション終了", "session-ended", SECURITY,
        "ログインして時計を11分進め、画面を開き直します。");
    BLG095 = ("BLG095", "初回設定", "login/setup", SECURITY,
        "白樺 八雲（1000000008、初期パスワード）でログインします。");
    BAL010 = ("BAL010", "開通確認（管理者）", "activation", SECURITY,
        "しおかぜ運輸の契約者ID 9000000003 と登録用暗証番号 4771 を入力します。");
    BAL011 = ("BAL011", "管理者の初回設定", "activation/administrator", SECURITY,
        "BAL010 で次へ進みます。続いてメールアドレスと確認コードの画面です。");
    BAL012 = ("BAL012", "管理者の開通確認の完了", "activation/result", SECURITY,
        "BAL011 の最後まで進みます。");
    BAL020 = ("BAL020", "開通確認（利用者）", "activation/user", SECURITY,
        "担当者G（9000000002、tantog、TantoG#2026）でログオンします。確認暗証番号は kakunin49 です。");
    BAL021 = ("BAL021", "利用者のメールアドレスの登録", "login/setup/mail", SECURITY,
        "BAL020 で次へ進みます。続いて確認コードの画面です。");
    BAL022 = ("BAL022", "利用者の開通確認の完了", "activation/result", SECURITY,
        "BAL021 の最後まで進みます。");
    BAL030 = ("BAL030", "暗証番号の変更", "info/secret/{flow}", SECURITY,
        "担当者A（tantoa）で「お客様情報変更」を開き、暗証番号のボタンを押します。");
    BAL031 = ("BAL031", "暗証番号の変更の確認", "info/secret/{flow}/confirm", SECURITY,
        "BAL030 で新しい暗証番号を入力します。");
    BAL032 = ("BAL032", "暗証番号の変更の完了", "info/secret/{flow}/result", SECURITY,
        "BAL031 で今の暗証番号と確認暗証番号を入力します。");
    BHL001 = ("BHL001", "ワンタイムパスワードとは", "help/otp", None, "開くだけで表示されます。");
    BHL002 = ("BHL002", "トークンの種類と入手方法", "help/tokens", None,
        "開くだけで表示されます。");
    BHL003 = ("BHL003", "ワンタイムパスワードサービス利用規定", "help/terms", None,
        "開くだけで表示されます。");
    BHL004 = ("BHL004", "安全にお使いいただくために", "help/security", None,
        "開くだけで表示されます。");
    BHL005 = ("BHL005", "ファイルの形式", "help/files", None, "開くだけで表示されます。");
    BHL006 = ("BHL006", "形式の項目", "help/files/21", None,
        "開くだけで表示されます。ほかの形式は BHL005 から開きます。");
    BSP001 = ("BSP001", "緊急停止", "stop", SECURITY, "開くだけで表示されます。");
    BSP002 = ("BSP002", "緊急停止の受付", "stop/{result}", SECURITY,
        "利用開始などの後に届くメール（/qa/mails）の停止コードを BSP001 に入力します。");
    BTP001 = ("BTP001", "トップページ", "", OTP, "白樺 花子（1000000001）でログインします。");
    BOM101 = ("BOM101", "利用開始", "token/start", TOKENS,
        "開くだけで表示されます。");
    BOM102 = ("BOM102", "ワンタイムパスワード登録", "token/start/{flow}", TOKENS,
        "BOM101 で白樺 花子（1000000001）として次へ進みます。");
    BOM103 = ("BOM103", "処理結果", "token/start/{flow}/result", OTP,
        "BOM102 で 2V0716016FK1 を登録します。");
    BOM111 = ("BOM111", "交換", "token/exchange", TOKENS, "開くだけで表示されます。");
    BOM112 = ("BOM112", "旧トークンの確認", "token/exchange/{flow}", TOKENS,
        "BOM111 で白樺 太郎（1000000002）として次へ進みます。");
    BOM113 = ("BOM113", "新トークンの登録", "token/exchange/{flow}/new", TOKENS,
        "BOM112 で 2V0716016FK2 のコードを入力します。");
    BOM114 = ("BOM114", "処理結果", "token/exchange/{flow}/result", OTP,
        "BOM113 で 2V0716016FK3 を登録します。");
    BOM121 = ("BOM121", "利用中止", "token/stop", OTP,
        "開くだけで表示されます。");
    BOM122 = ("BOM122", "利用中止の確認", "token/stop/{flow}", OTP,
        "BOM121 で白樺 太郎（1000000002）として次へ進みます。");
    BOM123 = ("BOM123", "処理結果", "token/stop/{flow}/result", OTP,
        "BOM122 で停止します。");
    BOR001 = ("BOR001", "ワンタイムパスワードの利用登録", "token/start", TOKENS,
        "開くだけで表示されます。");
    BOR002 = ("BOR002", "ワンタイムパスワード登録情報入力", "token/start/{flow}", TOKENS,
        "BOR001 で児玉 一郎（2000000001）として次へ進みます。");
    BOR003 = ("BOR003", "処理結果", "token/start/{flow}/result", OTP,
        "BOR002 で VSST10000001 を登録します。");
    BOR011 = ("BOR011", "ワンタイムパスワードの利用停止", "token/stop", OTP,
        "開くだけで表示されます。");
    BOR012 = ("BOR012", "利用停止の確認", "token/stop/{flow}", OTP,
        "BOR011 で児玉 二葉（2000000002）として次へ進みます。");
    BOR013 = ("BOR013", "処理結果", "token/stop/{flow}/result", OTP,
        "BOR012 で VSST10000002 のコードを入力して停止します。");
    BMB001 = ("BMB001", "ログイン", "mobile", None,
        "開くだけで表示されます。文字コードは Accept-Charset で変わります。");
    BMB002 = ("BMB002", "残高照会", "mobile/balance", None,
        "BMB001 で児玉 二葉（2000000002）としてログインします。");
    BMB003 = ("BMB003", "入出金明細", "mobile/movements/1", None,
        "BMB002 で入出金明細を開きます。");
    BMB004 = ("BMB004", "終了", "mobile/end", None, "BMB002 で終了を押します。");
    TOK000 = ("TOK000", "トークン", "/token/#list", None, "開くだけで表示されます。");
    TOK001 = ("TOK001", "初期設定", "/token/#set-up", None, "開くだけで表示されます。");
    TOK002 = ("TOK002", "初期設定完了", "/token/#done={id}", None,
        "TOK000 で新しいトークンを作るか、TOK001 の入力を送信します。");
    TOK003 = ("TOK003", "ワンタイムパスワード", "/token/#code={id}", None,
        "TOK002 で次へ進むか、TOK000 でトークンを選びます。");
    TOK004 = ("TOK004", "トークンの削除", "/token/#delete={id}", None,
        "TOK000 でトークンの「削除」を押します。");
    TOK005 = ("TOK005", "取引内容の確認", "/token/#sign={challenge}", None,
        "トークンアプリで作ったトークンをしらかば信用金庫に登録し、振込制限が終わるまで時計を進めてから、BTR004 のQRコードかリンクを開きます。");
    BOT000 = ("BOT000", "ワンタイムパスワード申請内容選択", "token/menu", OTP,
        "実 太郎（minori01）でログインし、「ワンタイムパスワード申請」を開きます。");
    BOT001 = ("BOT001", "ソフトウェアトークン発行情報入力", "token/menu/issue/{flow}", OTP,
        "BOT000 で実 太郎（minori01）として「トークン発行」を押します。");
    BOT002 = ("BOT002", "入力内容確認", "token/menu/issue/{flow}/confirm", OTP,
        "BOT001 でアドレスと利用開始パスワードを入力します。");
    BOT003 = ("BOT003", "発行完了", "token/menu/issue/{flow}/result", OTP,
        "BOT002 でメールの数字と確認用パスワードを入力します。");
    BOT011 = ("BOT011", "ソフトウェアトークン確認", "token/menu/start/{flow}", OTP,
        "BOT000 で実 桃子（minori02）として「ワンタイムパスワード利用開始」を押します。");
    BOT012 = ("BOT012", "利用開始完了", "token/menu/start/{flow}/result", OTP,
        "BOT011 で 300000002 のコードを入力します。");
    BOS001 = ("BOS001", "利用解除確認", "token/menu/stop/{flow}", OTP,
        "BOT000 で実 夏子（minori04）として「ワンタイムパスワード利用解除」を押します。");
    BOS002 = ("BOS002", "利用解除完了", "token/menu/stop/{flow}/result", OTP,
        "BOS001 で 300000004 のコードを入力します。");
    BAC001 = ("BAC001", "残高照会", "accounts", SECURITY,
        "白樺 花子（1000000001）でログインし、「残高・入出金明細」を押します。");
    BAC010 = ("BAC010", "入出金明細", "accounts/{account}/statement", SECURITY,
        "BAC001 で「入出金明細」を押します。");
    BTR001 = ("BTR001", "振込・振替", "transfers", SECURITY,
        "白樺 花子（1000000001）でログインし、「振込・振替」を開きます。");
    BTR002 = ("BTR002", "お振込先の指定", "transfers/payee", SECURITY,
        "BTR001 で「はじめての振込先へ」を押します。");
    BTR003 = ("BTR003", "金額・振込日の入力", "transfers/{flow}", SECURITY,
        "BTR001 で出金口座とお振込先を選びます。");
    BTR004 = ("BTR004", "振込内容の確認", "transfers/{flow}/confirm", SECURITY,
        "BTR003 で金額と振込日を入力します。白樺 一花（1000000011）では取引確認コードの画面になります。");
    BTR005 = ("BTR005", "受付結果", "transfers/{flow}/result", SECURITY,
        "BTR004 で画像認証カードの絵を3つ選びます（絵と取引確認コードは QA コンソールのトークンの壁にあります）。");
    BTR030 = ("BTR030", "予約一覧", "reservations", SECURITY,
        "BTR003 で明日以降の日を選んで確定し、「予約一覧」を開きます。");
    BTR031 = ("BTR031", "予約取消", "reservations/cancel/{flow}/confirm", SECURITY,
        "BTR032 で「この予約を取り消す」を押します。");
    BTR032 = ("BTR032", "お取引の詳細", "payments/{payment}", SECURITY,
        "BTR030 か BTR040 で「詳細」を押します。");
    BTR040 = ("BTR040", "取引履歴", "history", SECURITY,
        "「振込・振替」から「取引履歴」を開きます。");
    BPE001 = ("BPE001", "税金・各種料金払込み", "pay-easy", SECURITY,
        "ログインして「税金・料金」を開きます。番号は QA コンソールの「払込書」にあります。");
    BPE002 = ("BPE002", "払込内容と出金口座", "pay-easy/{flow}", SECURITY,
        "BPE001 で払込書の番号を入力します。");
    BPE003 = ("BPE003", "払込内容の確認", "pay-easy/{flow}/confirm", SECURITY,
        "BPE002 で出金口座を選びます。");
    BPE004 = ("BPE004", "払込結果", "pay-easy/{flow}/result", SECURITY,
        "BPE003 で画像認証カード、確認用パスワード、ワンタイムパスワードのうち求められたものを入力します。");
    BPE005 = ("BPE005", "払込履歴", "pay-easy/history", SECURITY,
        "BPE001 か BPE004 で「払込履歴」を開きます。");
    BFT000 = ("BFT000", "ファイル伝送", "files", SECURITY,
        "担当者B（9000000001・tantob）でログインし、「ファイル伝送」を開きます。");
    BFT010 = ("BFT010", "ファイルの新規作成", "files/new", SECURITY,
        "担当者A（9000000001、tantoa）でログオンし、「ファイル伝送」から「新規作成」を開きます。");
    BFT011 = ("BFT011", "ファイルのアップロード", "files/upload", FORMATS,
        "担当者A（9000000001、tantoa）でログオンし、「ファイル伝送」から「アップロード」を開きます。");
    BFT012 = ("BFT012", "明細一覧・修正", "files/{file}", SECURITY,
        "BFT010 または BFT011 でファイルを作成します。");
    BFT013 = ("BFT013", "過去データの利用", "files/copy", SECURITY,
        "担当者A（9000000001、tantoa）でログオンし、「ファイル伝送」から「過去データの利用」を開きます。");
    BFT020 = ("BFT020", "承認待ち一覧", "files/approval", SECURITY,
        "担当者B（9000000001・tantob）で BFT000 から「承認」を開きます。トークンは管理者が登録します。");
    BFT021 = ("BFT021", "承認", "files/approval/{file}", SECURITY,
        "BFT020 でデータ名を押します。");
    BFT022 = ("BFT022", "承認結果", "files/approval/result/{receipt}", SECURITY,
        "BFT020 でデータを選ぶか、BFT021 で、ワンタイムパスワードを入力します。");
    BFT030 = ("BFT030", "送信", "files/sending", SECURITY,
        "担当者C（9000000001・tantoc）で BFT000 から「送信」を開きます。");
    BFT031 = ("BFT031", "送信結果", "files/sending/result/{receipt}", SECURITY,
        "BFT030 でデータを選び、ワンタイムパスワードを入力します。");
    BFT040 = ("BFT040", "状況・履歴", "files/history", SECURITY,
        "BFT000 から「状況・履歴」を開きます。データ名を押すと、そのデータの履歴です。");
    BEF001 = ("BEF001", "外部ファイル送信", "external/send", SECURITY,
        "担当者C（9000000001・tantoc）で BFT000 から「外部ファイル送信」を開きます。トークンは管理者が登録します。");
    BEF002 = ("BEF002", "送信内容の確認", "external/send/{file}", SECURITY,
        "BEF001 で種類とファイルを選びます。");
    BEF003 = ("BEF003", "送信結果", "external/send/result/{receipt}", SECURITY,
        "BEF002 でワンタイムパスワードを入力します。");
    BEF011 = ("BEF011", "外部ファイル受信", "external/receive", SECURITY,
        "担当者C（9000000001・tantoc）で BFT000 から「外部ファイル受信」を開きます。");
    BEF012 = ("BEF012", "受信内容の確認", "external/receive/proof", SECURITY,
        "BEF011 でファイルを選びます。");
    BEF013 = ("BEF013", "受信結果", "external/receive/result/{receipt}", SECURITY,
        "BEF012 でワンタイムパスワードを入力します。");
    BFT050 = ("BFT050", "ファイルのチェック", "files/check", FORMATS,
        "開くだけで表示されます。ログインはいりません。");
    BLM001 = ("BLM001", "振込・振替限度額の変更", "limits", SECURITY,
        "実 夏子（minori04）でログインし、「限度額変更」を開きます。変更待ちの引き上げがあります。");
    BLM002 = ("BLM002", "変更内容の確認", "limits/{flow}/confirm", SECURITY,
        "BLM001 で限度額を入力して次へ進みます。");
    BLM003 = ("BLM003", "変更の受付", "limits/{flow}/result", SECURITY,
        "BLM002 でワンタイムパスワードまたは確認用パスワードを入力します。");
    BTR020 = ("BTR020", "振込先一覧", "payees", SECURITY,
        "ログインして「振込先」を開きます。");
    BTR021 = ("BTR021", "振込先の登録・変更", "payees/new", SECURITY,
        "BTR020 で「振込先を登録する」を押すか、振込先を選びます。続いて確認と完了の画面です。");
    BTR022 = ("BTR022", "振込先の削除", "payees/flow/{flow}/confirm", SECURITY,
        "BTR020 で振込先を選び、「この振込先を削除する」を押します。続いて完了の画面です。");
    BCI001 = ("BCI001", "お客様情報変更", "info", SECURITY,
        "ログインして「お客様情報変更」を開きます。項目のボタンを押すと入力画面です。");
    BCI002 = ("BCI002", "お客様情報変更の確認", "info/contact/{flow}/confirm", SECURITY,
        "BCI001 で新しい内容を入力します。パスワードは info/secret/{flow}/confirm です。");
    BCI003 = ("BCI003", "お客様情報変更の完了", "info/contact/{flow}/result", SECURITY,
        "BCI002 で確認用パスワードなど（メールアドレスは届いた確認コードも）を入力します。");
    BAD001 = ("BAD001", "業務選択", "admin", SECURITY,
        "データ花子（hanakodt）でログインし、「管理」を開きます。");
    BAU001 = ("BAU001", "作業内容選択", "admin/users", SECURITY,
        "BAD001 で「利用者管理」を開きます。");
    BAD100 = ("BAD100", "管理者メニュー", "administrator", SECURITY,
        "あおば商事の管理者（9000000001、Aoba#2026）でログオンし、「管理者メニュー」を開きます。");
    BAU100 = ("BAU100", "利用者情報選択", "administrator/users", TOKENS,
        "BAD100 で「利用者情報登録／変更」を開きます。");
    BAU101 = ("BAU101", "ワンタイムパスワード利用形態の選択", "administrator/mode", TOKENS,
        "BAU100 で「利用形態設定」を押します。わかば工業で「同じトークン」を選ぶと、解除の確認です。");
    BAU102 = ("BAU102", "利用者とトークンの登録", "administrator/tokens/{flow}", TOKENS,
        "あおば商事で、BAU101 の「異なるトークンを利用する」を選んで次へ進みます。");
    BAU103 = ("BAU103", "ワンタイムパスワード利用登録", "administrator/result/{receipt}", TOKENS,
        "BAU102 または BAU104 で AOB0000001 を登録します。確認暗証番号は kakunin41 です。");
    BAU104 = ("BAU104", "全員が使うトークンの登録", "administrator/tokens/{flow}", TOKENS,
        "あおば商事で、BAU101 の「同じトークンを利用する」を選んで次へ進みます。");
    BAU105 = ("BAU105", "利用者情報の登録・変更", "administrator/user/{flow}", SECURITY,
        "BAU100 で「新規登録」を、または利用者を選んで「変更」を押します。続いて権限の画面です。");
    BAU106 = ("BAU106", "利用者情報の登録・変更の確認", "administrator/user/{flow}/confirm", SECURITY,
        "BAU105 で利用者と権限を入力します。");
    BAU107 = ("BAU107", "利用者の削除の確認", "administrator/user/{flow}/confirm", SECURITY,
        "BAU100 で利用者を選び、「削除」を押します。");
    BAU108 = ("BAU108", "利用者情報の登録・変更・削除の完了", "administrator/user/{flow}/result",
        SECURITY, "BAU106 または BAU107 でご契約先確認暗証番号を入力します。暗証番号は一度だけ表示されます。");
    BAU109 = ("BAU109", "トークンの利用登録解除", "administrator/stop", TOKENS,
        "わかば工業の管理者（9000000002）で BAU100 の「利用登録解除」を押します。");
    BAU110 = ("BAU110", "トークン・カードの発行依頼", "administrator/orders", TOKENS,
        "あおば商事の管理者（9000000001）で BAD100 の「トークン・カードの発行依頼」を開きます。");
    BAU111 = ("BAU111", "発行依頼の確認", "administrator/orders/confirm", TOKENS,
        "BAU110 で理由と個数を入力します。お客様カードは理由だけです。");
    BAU112 = ("BAU112", "発行依頼の内容", "administrator/orders/{order}", TOKENS,
        "BAU111 で依頼するか、BAU110 の一覧で受付番号を押します。");
    BAU115 = ("BAU115", "利用者電子証明書の失効", "administrator/certificates", SECURITY,
        "わかば工業の管理者（9000000002）で BAU100 の「電子証明書の失効」を押します。");
    BAU116 = ("BAU116", "利用者電子証明書の失効結果", "administrator/certificates/{receipt}", SECURITY,
        "BAU115 で担当者Dを選び、確認暗証番号を入力します。");
    BCE001 = ("BCE001", "利用者電子証明書", "certificate", SECURITY,
        "担当者D（9000000002、tantod）でログオンし、「電子証明書」を開きます。期限切れは担当者Eです。");
    BCE002 = ("BCE002", "利用者電子証明書の本人確認", "certificate/proof", SECURITY,
        "BCE001 で「更新する」を押します。");
    BCE003 = ("BCE003", "利用者電子証明書のダウンロード", "certificate/file/{flow}", SECURITY,
        "BCE002 で利用者確認暗証番号を入力します。");
    BAU010 = ("BAU010", "ワンタイムパスワード利用停止解除一覧", "admin/release", OTP,
        "BAU001 で「ワンタイムパスワードの利用停止解除」を開きます。");
    BAU011 = ("BAU011", "利用停止解除結果", "admin/release/result/{receipt}", OTP,
        "BAU010 でデータ一郎（ichirodt）を選び、確認用パスワードを入力します。");
    BAU020 = ("BAU020", "トークン失効", "admin/revoke", TOKENS,
        "BAU001 で「トークンの失効」を開きます。");
    BAU021 = ("BAU021", "トークン失効結果", "admin/revoke/result/{receipt}", TOKENS,
        "BAU020 でデータ二郎（jirodt）を選び、確認用パスワードを入力します。");
    BAU060 = ("BAU060", "トークンの管理", "admin/tokens", TOKENS,
        "BAU001 で「トークンの管理」を開きます。");
    BAU070 = ("BAU070", "退職者の手続き", "admin/leave", SECURITY,
        "BAU001 で「退職者の手続き」を開きます。");
    BAU071 = ("BAU071", "退職者の手続きの結果", "admin/leave/result/{receipt}", SECURITY,
        "BAU070 で利用者を選び、「登録を削除」を押します。");
    BAU080 = ("BAU080", "利用停止解除の承認", "release-approval", SECURITY,
        "データ十和（towadt）でログインし、トップページのお知らせから開きます。");
    BAU081 = ("BAU081", "利用停止解除の承認の結果", "release-approval/result/{receipt}", SECURITY,
        "BAU080 でデータ九美を選び、承認します。データ百恵（momoedt）の承認で解除されます。");
    STF001 = ("STF001", "職員ログイン", "staff/login", None,
        "開くだけで表示されます。認証アプリの設定は trainee でログインすると表示されます。");
    STF002 = ("STF002", "ホーム", "staff/", None,
        "clerk、checker、auditor のどれかでログインします。");
    STF010 = ("STF010", "お客さまの検索", "staff/customers", None,
        "clerk でログインし、「お客さま」を開きます。");
    STF011 = ("STF011", "お申込みの登録", "staff/contracts/new", None,
        "STF010 で「お申込みを登録する」を押します。");
    STF012 = ("STF012", "お客さま", "staff/customers/{id}", None,
        "STF010 でお客さまを選びます。");
    STF013 = ("STF013", "ご契約", "staff/contracts/{id}", None,
        "STF012 で「ご契約を開く」を押します。");
    STF020 = ("STF020", "利用停止の解除", "staff/customers/{id}/release", None,
        "STF012 で白樺 六実（1000000006）の「利用停止を解除する」を押します。");
    STF021 = ("STF021", "停止の解除・初期パスワード", "staff/customers/{id}/unlock", None,
        "STF012 で白樺 七海（1000000007）の「停止を解除する」を押します。");
    STF022 = ("STF022", "トークンの手続き", "staff/customers/{id}/token", None,
        "STF012 で「トークンの手続きと履歴」を押します。");
    STF023 = ("STF023", "利用者電子証明書の手続き", "staff/customers/{id}/certificate", None,
        "あおば信用金庫の STF012 で「必要・不要を変更する」または「電子証明書を失効する」を押します。");
    STF030 = ("STF030", "トークンの在庫", "staff/stock", None,
        "clerk でログインし、「トークン」を開きます。");
    STF040 = ("STF040", "トークン・カードの発行依頼", "staff/orders", None,
        "clerk でログインし、「発行依頼」を開きます。受付番号を押すと手続きの画面です。");
    STF050 = ("STF050", "お申込みによる限度額", "staff/customers/{id}/limits", None,
        "STF012 で「限度額を登録する」を押します。");
    STF060 = ("STF060", "監査ログ", "staff/audit", None,
        "auditor でログインし、「監査ログ」を開きます。");
    STF070 = ("STF070", "送信箱", "staff/mails", None,
        "clerk でログインし、「送信箱」を開きます。");
    STF080 = ("STF080", "ジョブ", "staff/jobs", None,
        "clerk でログインし、「ジョブ」を開きます。");
    STF090 = ("STF090", "外部ファイル", "staff/external", None,
        "職員としてログインし、「外部ファイル」を開きます。");
    BAU030 = ("BAU030", "利用者情報の登録・変更・照会", "admin/members", SECURITY,
        "BAU001 で「利用者情報の登録・変更・照会」を開きます。利用者名を押すと詳細です。");
    BAU031 = ("BAU031", "利用者情報の入力", "admin/user/{flow}", SECURITY,
        "BAU030 で「登録」を、または利用者の詳細で「変更」を押します。");
    BAU032 = ("BAU032", "利用権限と限度額の入力", "admin/user/{flow}/rights", SECURITY,
        "BAU031 で入力して次へ進みます。");
    BAU033 = ("BAU033", "利用者情報の確認", "admin/user/{flow}/confirm", SECURITY,
        "BAU032 で次へ進みます。削除は、利用者の詳細で「削除」を押します。");
    BAU034 = ("BAU034", "利用者情報の登録・変更・削除の結果", "admin/user/{flow}/result", SECURITY,
        "BAU033 で確認用パスワードを入力します。初期パスワードは一度だけ表示されます。");
    BAU040 = ("BAU040", "利用停止・再開", "admin/pause", SECURITY,
        "BAU001 で「利用停止・再開」を開きます。");
    BAU041 = ("BAU041", "利用停止・再開の結果", "admin/pause/result/{receipt}", SECURITY,
        "BAU040 でデータ幸子（sachikodt）を選び、確認用パスワードを入力します。");
    BAU050 = ("BAU050", "パスワードの初期化", "admin/reset", SECURITY,
        "BAU001 で「パスワードの初期化」を開きます。");
    BAU051 = ("BAU051", "パスワードの初期化の結果", "admin/reset/result/{receipt}", SECURITY,
        "BAU050 でデータ幸子（sachikodt）を選び、確認用パスワードを入力します。");
    BER110 = ("BER110", "ただいまサービス時間外です", "", None,
        "時計を12月31日21時（日本時間）に合わせます。");
    BER400 = ("BER400", "送信された内容を受け取れませんでした", "", SECURITY,
        "フォームの項目を欠いて送信します。");
    BER403 = ("BER403", "この操作は行えません", "", SECURITY, "古い画面のフォームを送信します。");
    BER404 = ("BER404", "ページが見つかりません", "no-such-page", SECURITY,
        "存在しないアドレスを開きます。");
    BER409 = ("BER409", "お手続きの状態が変わりました", "", SECURITY,
        "二つの画面で同時に手続きを進めます。");
    BER500 = ("BER500", "処理を終えられませんでした", "", SECURITY, "障害時に表示されます。");
    BER503 = ("BER503", "ただいま混み合っています", "", SECURITY, "混雑時に表示されます。");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_screen_belongs_to_a_part() {
        for screen in SCREENS {
            let parts = FLOWS.iter().filter(|(flow, _)| screen.id.starts_with(flow));
            assert_eq!(parts.count(), 1, "{}", screen.id);
        }
    }

    #[test]
    fn ids_are_unique() {
        let ids: std::collections::BTreeSet<&str> = SCREENS.iter().map(|s| s.id).collect();
        assert_eq!(ids.len(), SCREENS.len());
    }
}
