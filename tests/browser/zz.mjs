import { chromium } from 'playwright';
const b = await chromium.launch({executablePath:'/usr/bin/chromium', args:['--headless','--no-sandbox','--disable-gpu']});
const U='http://127.0.0.1:21000';
async function shots(w, h, tag){
 const c = await b.newContext({viewport:{width:w,height:h}, locale:'ja-JP'}); const p = await c.newPage();
 const shot = async n => p.screenshot({path:`/tmp/cshot/${n}-${tag}.png`, fullPage:true});
 const login = async (id,pw)=>{ await c.clearCookies(); await p.goto(U+'/inaho/login'); await p.fill('#login_id',id); await p.fill('#password',pw); await Promise.all([p.waitForNavigation(), p.click('main form button.primary')]); };
 await login('shirodt','Shiro#2026'); await shot('BLG020');
 await login('tarodt','Taro#20260'); await shot('BLG014');
 await login('ichirodt','Ichiro#2026'); await shot('BLG011');
 await login('hanakodt','Hanako#2026'); await shot('BTP001');
 await p.goto(U+'/inaho/admin'); await shot('BAD001');
 await p.goto(U+'/inaho/admin/users'); await shot('BAU001');
 await p.goto(U+'/inaho/admin/release'); await shot('BAU010');
 await p.goto(U+'/inaho/admin/revoke'); await shot('BAU020');
 const box = p.locator('tr:has-text("jirodt") input[type=checkbox]'); await box.check(); await p.fill('#confirm','wrongwrong'); 
 await Promise.all([p.waitForNavigation(), p.click('button.danger')]); await shot('BAU020e');
 await p.fill('#confirm','kakunin31'); if (tag=='pc'){ await Promise.all([p.waitForNavigation(), p.click('button.danger')]); await shot('BAU021');
 await p.goto(U+'/inaho/admin/release'); await p.locator('tr:has-text("ichirodt") input[type=checkbox]').check(); await p.fill('#confirm','kakunin31'); await Promise.all([p.waitForNavigation(), p.click('button.primary')]); await shot('BAU011'); console.log(p.url());}
 await c.close();
}
await shots(390,844,'ph'); await shots(1280,900,'pc');
await b.close();
