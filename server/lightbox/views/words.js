// All words of the page: English, Chinese. Braces hold what is filled in.
const WORDS = {
  again: ["Try again", "重试"],
  about: ["about", "约"],
  after: ["After", "之后"],
  all: ["All", "全部"],
  analysis: ["What the model wrote", "模型的说明"],
  area: ["Where, in words", "范围（文字）"],
  area_hint: ["For example “left third” or “top half”. Leave it empty for the whole picture.", "例如 left third、top half；留空则为整张图片。"],
  as_it_is: ["As it is", "保持不变"],
  ask: ["Ask", "提问"],
  ask_label: ["Ask about these pictures", "就所选图片提问"],
  ask_refused: ["This app takes no messages from here. Write it in the chat yourself and name {handles}.", "此应用不接受来自这里的消息。请在对话中自行提问，并写上 {handles}。"],
  asked: ["Sent to the chat.", "已发送到对话。"],
  asked_for: ["Asked", "请求"],
  auto: ["Automatic", "自动"],
  back: ["Back", "返回"],
  before: ["Before", "之前"],
  before_after: ["Before and after", "前后对比"],
  bill: ["Bill", "账单"],
  bill_of: ["{amount}, from the estimate", "{amount}（按估价）"],
  billed: ["Billed", "已计费"],
  brush: ["Paint where it may change", "涂抹可修改的区域"],
  brush_help: ["Paint with the pointer. With keys: arrows move the brush, Space lowers or lifts it.", "用指针涂抹。键盘：方向键移动画笔，空格键落笔或提笔。"],
  brush_size: ["Brush size", "画笔大小"],
  budget_left: ["{left} {currency} left of {limit} per {window}", "每{window}预算 {limit} {currency}，剩余 {left}"],
  budget_over: ["More than the {left} {currency} that are left of the budget", "超出预算剩余的 {left} {currency}"],
  budgets: ["Budget", "预算"],
  by_day: ["By day", "按日"],
  by_model: ["By model", "按模型"],
  by_tool: ["By tool", "按工具"],
  cached: ["free: paid earlier", "免费：此前已付"],
  clear: ["Clear", "清除"],
  collection: ["Collection", "收藏夹"],
  compare: ["Compare", "对比"],
  completed: ["Done", "完成"],
  confirm: ["Make this call", "确认执行"],
  contact_sheet: ["Contact sheet", "缩略总览"],
  count: ["How many", "数量"],
  created: ["Date", "时间"],
  crop: ["Crop", "裁剪"],
  day: ["day", "天"],
  decline: ["Don't", "不执行"],
  describe: ["Describe", "描述"],
  download: ["Download", "下载"],
  downloaded: ["Handed to the download.", "已开始下载。"],
  edit: ["Edit", "编辑"],
  edit_words: ["What to change, and what to leave", "要改什么，保留什么"],
  edits: ["Made from this", "由此生成"],
  estimate: ["Estimate", "估价"],
  failed: ["Failed", "失败"],
  find_own: ["Search titles, prompts and collections", "搜索标题、提示词和收藏夹"],
  flip: ["Mirror", "镜像"],
  format: ["Format", "格式"],
  found: ["{shown} of {found} found", "共找到 {found} 张，显示 {shown} 张"],
  found_origin: ["Found", "搜到的"],
  free: ["free", "免费"],
  full_picture: ["Full picture", "原图"],
  full_screen: ["Full screen", "全屏"],
  given_origin: ["Given", "提供的"],
  gone: ["This picture can't be shown", "无法显示此图片"],
  handle: ["Handle", "编号"],
  horizontal: ["Left and right", "左右"],
  hour: ["hour", "小时"],
  jobs: ["Jobs", "任务"],
  list_images: ["Pictures", "图片"],
  lost: ["The server can't be reached. What is here stays.", "无法连接服务器，已有内容仍会保留。"],
  lost_job: ["No news from the server. The work goes on and is kept.", "暂无服务器消息；任务仍在继续，结果会保留。"],
  made_origin: ["Made", "生成的"],
  made_from: ["Made from", "源自"],
  made_with: ["Made by", "生成者"],
  month: ["month", "月"],
  more_options: ["More options", "更多选项"],
  next: ["Next", "下一张"],
  next_page: ["Next page", "下一页"],
  no_jobs: ["No jobs yet.", "暂无任务。"],
  no_pictures: ["No pictures.", "没有图片。"],
  no_spending: ["Nothing was spent.", "没有花费。"],
  nothing: ["Nothing was found.", "没有找到。"],
  notes: ["Notes", "备注"],
  of_expected: ["of {amount} expected", "预计 {amount}"],
  older: ["Day", "日期"],
  over_estimate: ["Billed {billed}, estimated {expected}", "账单 {billed}，估价 {expected}"],
  page: ["Page", "网页"],
  page_of: ["{page} of {pages}", "{page} / {pages}"],
  pages: ["Pages", "页码"],
  partial: ["Unfinished picture", "未完成的图片"],
  pending: ["still to come", "待结算"],
  pick: ["Pick {name}", "选择 {name}"],
  pick_number: ["Pick number {number}", "选择第 {number} 张"],
  picked: ["{count} picked", "已选 {count} 张"],
  pictures: ["Pictures", "图片"],
  period: ["Period", "时段"],
  period_all: ["All time", "全部时间"],
  period_month: ["This month", "本月"],
  period_today: ["Today", "今天"],
  period_week: ["7 days", "近 7 天"],
  period_year: ["This year", "今年"],
  previous: ["Previous", "上一张"],
  previous_page: ["Previous page", "上一页"],
  price: ["Price", "价格"],
  price_range: ["{low} to {high} {currency}", "{low} 至 {high} {currency}"],
  price_unknown: ["price not known", "价格未知"],
  pricing: ["pricing …", "估价中…"],
  prompt: ["Prompt", "提示词"],
  quality: ["Quality", "质量"],
  high: ["High", "高"],
  low: ["Low", "低"],
  medium: ["Medium", "中"],
  question: ["What to tell about it", "想了解什么"],
  raw_text: ["Answer as text", "文字回答"],
  reserved: ["Reserved", "已预留"],
  reading: ["Loading …", "加载中…"],
  revised: ["Rewritten", "模型改写"],
  rotate: ["Turn", "旋转"],
  running: ["Running", "进行中"],
  save: ["Save", "保存"],
  saved: ["Saved: {where}", "已保存：{where}"],
  search_images: ["Find pictures", "查找图片"],
  find_similar_images: ["Find similar pictures", "查找相似图片"],
  generate_image: ["Make a picture", "生成图片"],
  edit_image: ["Edit a picture", "编辑图片"],
  transform_image: ["Transform", "变换"],
  view_images: ["Look at pictures", "查看图片"],
  describe_images: ["Describe pictures", "描述图片"],
  save_images: ["Keep pictures", "保存图片"],
  estimate_cost: ["Estimate the cost", "估算费用"],
  get_job: ["Get a result again", "取回结果"],
  get_spending: ["See what was spent", "查看花费"],
  seconds: ["{seconds} s", "{seconds} 秒"],
  send: ["Send", "发送"],
  show_all: ["Show all {count}", "显示全部 {count} 张"],
  similar: ["Similar", "相似"],
  similar_about: ["What matters in it (optional)", "重点（可选）"],
  size: ["Size", "尺寸"],
  slider: ["Before and after: move the edge", "前后对比：移动分界线"],
  source: ["Source", "来源"],
  spending: ["Spending", "花费"],
  square: ["Square", "方形"],
  state_blocked: ["blocked", "被拒绝"],
  state_dead: ["gone", "已失效"],
  state_not_an_image: ["not an image", "不是图片"],
  state_ok: ["available", "可用"],
  state_tiny: ["tiny", "过小"],
  state_unchecked: ["not checked", "未检查"],
  step: ["Step {number}", "第 {number} 步"],
  steps: ["Steps", "步骤"],
  stop: ["Stop", "停止"],
  stopped: ["Stopped.", "已停止。"],
  title: ["Title", "标题"],
  tool: ["Tool", "工具"],
  transform: ["Transform", "变换"],
  transformed_here: ["Made here", "本机生成"],
  undo: ["Undo", "撤销"],
  unknown: ["not known", "未知"],
  untitled: ["Untitled", "无标题"],
  vertical: ["Top and bottom", "上下"],
  week: ["week", "周"],
  what_shows: ["Shows", "显示"],
  working: ["Working …", "处理中…"],
};
let language = 0;
let locale = "en";

// Speaks Chinese where the person does, and English elsewhere; figures and dates follow the locale.
export function speak(wanted) {
  locale = supported(wanted) ?? "en";
  language = /^zh\b/i.test(locale) ? 1 : 0;
  document.documentElement.lang = language ? "zh" : "en";
}

function supported(wanted) {
  try {
    return Intl.getCanonicalLocales(wanted ?? [])[0];
  } catch {
    return undefined;
  }
}

export function t(word, values = {}) {
  return WORDS[word][language].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// Gives the words for something that the server names; what is new to the page stays as it is.
export function named(name, prefix = "") {
  return WORDS[prefix + name] ? t(prefix + name) : String(name ?? "");
}

export function dimensions({ width, height }) {
  return width && height ? `${width} × ${height}` : "";
}

// Writes an amount: to the fourth place, and small ones to their first two figures.
export function money(amount, currency) {
  if (amount === null || amount === undefined) return t("unknown");
  const value = Number(amount);
  const digits = value && Math.abs(value) < 0.01 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 4 };
  return [new Intl.NumberFormat(locale, digits).format(value), currency].filter(Boolean).join(" ");
}

// Says what a picture cost: free, an amount, or that it is not known. Null: nobody was to pay for it.
export function costOf(cost) {
  if (!cost) return null;
  const { amount, currency, estimated } = cost;
  if (amount !== null && amount !== undefined && !Number(amount)) return t("free");
  return estimated ? t("bill_of", { amount: money(amount, currency) }) : money(amount, currency);
}

export function kilobytes(count) {
  if (!count) return "";
  const unit = count < 1e6 ? "kilobyte" : "megabyte";
  const options = { style: "unit", unit, maximumFractionDigits: count < 1e6 ? 0 : 1 };
  return new Intl.NumberFormat(locale, options).format(count / (count < 1e6 ? 1e3 : 1e6));
}

export function moment(iso) {
  const date = new Date(iso ?? NaN);
  if (isNaN(date)) return "";
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

export function shortDay(day) {
  return new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(day));
}

export function seconds(count) {
  return t("seconds", { seconds: count < 10 ? Number(count).toFixed(1) : Math.round(count) });
}
