// The demo customers.

// Of `shirakaba`.

export const hanako = { loginId: '1000000001', password: 'Hanako#2026', secret: 'kakunin01' };
export const taro = { loginId: '1000000002', password: 'Taro#20260', secret: 'kakunin02' };
export const jiro = { loginId: '1000000003', password: 'Jiro#20260', secret: 'kakunin03' };
export const shiro = { loginId: '1000000004', password: 'Demo#20260', secret: 'kakunin04' };
export const satsuki = { loginId: '1000000005', password: 'Demo#20260', secret: 'kakunin05' };
export const mutsumi = { loginId: '1000000006', password: 'Demo#20260', secret: 'kakunin06' };
export const nanami = { loginId: '1000000007', password: 'Demo#20260', secret: 'kakunin07' };
export const yakumo = { loginId: '1000000008', password: 'Shoki#2026', secret: 'kakunin08' };
export const towa = { loginId: '1000000010', password: 'Demo#20260', secret: 'kakunin10' };

/** Of `minori`: without a token, issued and set up, in use. */
export const minoriTaro = { loginId: 'minori01', password: 'Minori#2026', secret: 'kakunin21' };
export const momoko = { loginId: 'minori02', password: 'Momoko#2026', secret: 'kakunin22' };
export const natsuko = { loginId: 'minori04', password: 'Natsuko#2026', secret: 'kakunin24' };
export const momokoToken = '300000002';
export const natsukoToken = '300000004';

/** Shipped to 花子, 太郎 (in use, then shipped) and 次郎. */
export const hanakoToken = '2V0716016FK1';
export const taroToken = '2V0716016FK2';
export const taroNewToken = '2V0716016FK3';
export const jiroToken = '2V0716016FK9';

// Of `kodama`: no token, and one in use.
export const ichiro = { loginId: '2000000001', password: 'Ichiro#2026', secret: 'kakunin11' };
export const futaba = { loginId: '2000000002', password: 'Futaba#2026', secret: 'kakunin12' };

/** In 一郎's hand. */
export const ichiroToken = 'VSST10000001';

/** Of `inaho`: an administrator, suspended, sharing the administrator's token, without a token. */
export const companyHanako = { loginId: 'hanakodt', password: 'Hanako#2026', secret: 'kakunin31' };
export const companyIchiro = { loginId: 'ichirodt', password: 'Ichiro#2026', secret: 'kakunin32' };
export const companyJiro = { loginId: 'jirodt', password: 'Jiro#20260', secret: 'kakunin33' };
export const companyShiro = { loginId: 'shirodt', password: 'Shiro#2026', secret: 'kakunin35' };
/** A token of her own. */
export const companySachiko = { loginId: 'sachikodt', password: 'Sachiko#2026' };
/** Expired, and revoked ten minutes ago. */
export const companyTaro = { loginId: 'tarodt', password: 'Taro#20260', secret: 'kakunin37' };
export const companyGoro = { loginId: 'gorodt', password: 'Demo#20260', secret: 'kakunin38' };
/** Picked to release the suspended 九美 together, and their tokens. */
export const companyTowa = { loginId: 'towadt', password: 'Demo#20260', secret: 'kakunin3A' };
export const companyMomoe = { loginId: 'momoedt', password: 'Demo#20260', secret: 'kakunin3B' };
export const companyTowaToken = '56789022';
export const companyMomoeToken = '56789023';
/** In 四郎's hand. */
export const companyToken = '45678901';

// Of `aoba`: administrators, and users by their contract and own id.
export const aoba = { contract: '9000000001', password: 'Aoba#2026', secret: 'kakunin41' };
export const wakaba = { contract: '9000000002', password: 'Aoba#2026', secret: 'kakunin45' };
export const tantoA = {
  contract: '9000000001',
  id: 'tantoa',
  password: 'TantoA#2026',
  secret: 'kakunin42',
};
export const tantoB = { ...tantoA, id: 'tantob', password: 'TantoB#2026', secret: 'kakunin43' };
export const tantoC = { ...tantoA, id: 'tantoc', password: 'TantoC#2026', secret: 'kakunin44' };
/** Has a client certificate that ends in 30 days. */
export const tantoD = {
  contract: '9000000002',
  id: 'tantod',
  password: 'TantoD#2026',
  secret: 'kakunin46',
};
export const tantoG = {
  contract: '9000000002',
  id: 'tantog',
  password: 'TantoG#2026',
  secret: 'kakunin49',
};
/** In あおば商事's hand. */
export const aobaTokens = ['AOB0000001', 'AOB0000002', 'AOB0000003'] as const;
