//! Error pages (BER400 to BER503) and closed hours (BER110).

use crate::web::page::{Link, Shell};

/// Which error page is shown. It decides screen id, title and sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorScreen {
    /// 400: what arrived can't be read.
    BadRequest,
    /// 403: known, but not allowed; also a forged or outdated form.
    Forbidden,
    /// 403: the customer stopped everything; the specification has no screen of its own for it.
    Stopped,
    /// 404: no such page, or not the customer's own.
    NotFound,
    /// 409: the state changed meanwhile.
    Conflict,
    /// 429: too many tries from one network address.
    TooMany,
    /// 500: our fault.
    Internal,
    /// 503: too busy, or a part is down.
    Unavailable,
    /// 503: outside the hours of service.
    Closed,
}

impl ErrorScreen {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::BadRequest,
        Self::Forbidden,
        Self::Stopped,
        Self::NotFound,
        Self::Conflict,
        Self::TooMany,
        Self::Internal,
        Self::Unavailable,
        Self::Closed,
    ];

    /// The screen's id; too many tries have none of their own in the specification.
    pub fn id(self) -> &'static str {
        match self {
            Self::BadRequest => "BER400",
            Self::Forbidden | Self::Stopped => "BER403",
            Self::NotFound => "BER404",
            Self::Conflict => "BER409",
            Self::Internal => "BER500",
            Self::TooMany | Self::Unavailable => "BER503",
            Self::Closed => "BER110",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::Forbidden | Self::Stopped => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooMany => 429,
            Self::Internal => 500,
            Self::Unavailable | Self::Closed => 503,
        }
    }

    /// The page's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "送信された内容を受け取れませんでした",
            Self::Forbidden => "この操作は行えません",
            Self::Stopped => "緊急停止中です",
            Self::NotFound => "ページが見つかりません",
            Self::Conflict => "お手続きの状態が変わりました",
            Self::TooMany => "しばらくお待ちください",
            Self::Internal => "処理を終えられませんでした",
            Self::Unavailable => "ただいま混み合っています",
            Self::Closed => "ただいまサービス時間外です",
        }
    }

    /// What happened.
    pub fn what(self) -> &'static str {
        match self {
            Self::BadRequest => {
                "送信された内容の形式が正しくなかったため、受け付けませんでした。何も変更していません。"
            }
            Self::Forbidden => {
                "この操作をする権限がないか、画面を開いてから時間がたったため、受け付けませんでした。何も変更していません。"
            }
            Self::Stopped => {
                "緊急停止のお申し出により、お振込やトークンのお手続きをすべて止めています。このお手続きは受け付けていません。何も変更していません。"
            }
            Self::NotFound => {
                "アドレスが正しくないか、お手続きがすでに終わっている可能性があります。"
            }
            Self::Conflict => {
                "ほかの画面や端末での操作などにより、この画面を開いたときから状態が変わりました。この画面からの操作は受け付けていません。"
            }
            Self::TooMany => {
                "同じネットワークから短い時間に多くの操作があったため、安全のため受け付けませんでした。何も変更していません。"
            }
            Self::Internal => {
                "システムに問題が起きたため、処理を終えられませんでした。問題は自動で記録しています。"
            }
            Self::Unavailable => {
                "アクセスが集中しているか、システムの一部が止まっているため、受け付けられませんでした。"
            }
            Self::Closed => "この時間は、保守のためサービスを休止しています。",
        }
    }

    /// What staff do, who call nobody by telephone.
    pub fn what_staff_do(self) -> &'static [&'static str] {
        match self {
            Self::Forbidden | Self::Stopped => &[
                "役割（受付・承認・監査）で行える操作か、ご確認ください。",
                "画面を開いてから時間がたったときは、開き直してから、もう一度お試しください。",
            ],
            Self::Conflict => &["下のボタンから戻り、今の状態をご確認ください。"],
            Self::NotFound => &["アドレスに誤りがないかご確認ください。"],
            Self::TooMany => &["1分ほど待ってから、もう一度お試しください。"],
            _ => &[
                "しばらくしてから、もう一度お試しください。",
                "繰り返し表示される場合は、下の番号を添えてシステム担当に連絡してください。",
            ],
        }
    }

    /// What to do, one sentence a line.
    pub fn what_to_do(self) -> &'static [&'static str] {
        match self {
            Self::BadRequest => &[
                "前の画面に戻り、入力し直してください。",
                "繰り返し表示される場合は、下の番号を添えてお電話ください。",
            ],
            Self::Forbidden => &[
                "画面を開き直してから、もう一度お試しください。",
                "繰り返し表示される場合は、下の番号を添えてお電話ください。",
            ],
            Self::Stopped => &[
                "再開をご希望の場合は、画面下のお問い合わせ先へお電話ください。",
                "ご本人であることを確認のうえ、再開します。",
            ],
            Self::NotFound => &[
                "下のボタンから、はじめの画面に戻ってください。",
                "アドレスを入力された場合は、誤りがないかご確認ください。",
            ],
            Self::Conflict => &[
                "下のボタンから戻り、今の状態をご確認ください。",
                "お手続きが済んでいない場合は、はじめからやり直してください。",
            ],
            Self::TooMany => &[
                "1分ほど待ってから、もう一度お試しください。",
                "繰り返し表示される場合は、下の番号を添えてお電話ください。",
            ],
            Self::Internal => &[
                "お手続きが済んでいるかどうかを、まずご確認ください。",
                "済んでいない場合は、しばらくしてからもう一度お試しください。",
                "お急ぎの場合は、下の番号を添えてお電話ください。",
            ],
            Self::Unavailable => {
                &["しばらくしてから、もう一度お試しください。", "お急ぎの場合は、お電話ください。"]
            }
            Self::Closed => &[
                "サービスの再開後に、もう一度アクセスしてください。",
                "トークンの紛失など、お急ぎの場合はお電話ください。",
            ],
        }
    }
}

/// An error page.
#[derive(askama::Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What surrounds the page.
    pub shell: Shell,
    /// What happened.
    pub what: String,
    /// One more sentence for the case at hand, as when the service opens again.
    pub detail: Option<String>,
    /// What to do, one sentence a line.
    pub what_to_do: Vec<String>,
    /// The way to 緊急停止, which is served while all else is closed.
    pub emergency_stop: Option<Link>,
    /// A number under which the log can be searched.
    pub reference: String,
    /// The way back.
    pub back: Link,
}

impl ErrorPage {
    /// The page of `screen`; puts its id and title into `shell`.
    pub fn new(screen: ErrorScreen, mut shell: Shell, reference: String, back: Link) -> Self {
        shell.screen_id = screen.id();
        shell.title = screen.title().into();
        Self {
            shell,
            what: screen.what().to_owned(),
            detail: None,
            what_to_do: screen.what_to_do().iter().map(|line| (*line).to_owned()).collect(),
            emergency_stop: None,
            reference,
            back,
        }
    }
}
