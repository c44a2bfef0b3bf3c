"""The scenes of the painted library: what each is called, what is in it, and what the painter is told."""
# ruff: noqa: E501 - rows of a table are read as lines

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SIZES: Final = {"w": (960, 540), "s": (640, 640), "t": (480, 720), "h": (1280, 720), "p": (720, 480)}
FORMATS: Final = {"j": "jpg", "p": "png", "w": "webp", "g": "gif"}


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """One painted scene: its file name, title, tags, prompt and size in px."""

    key: str
    title: str
    tags: tuple[str, ...]
    prompt: str
    width: int
    height: int


# Each line: size and format | English title | Chinese title | English tags | Chinese tags | the prompt, where the title won't do.
_TABLE: Final = """
wj|Mountain range at sunrise|日出时的山脉|mountain landscape nature sunrise peaks|山 风景 自然 日出|mountains at sunrise
hj|Snowy peaks under the northern lights|极光下的雪山|mountain snow aurora night landscape winter|雪山 极光 夜晚 风景|snowy mountains aurora night
wj|Calm lake with mountain reflection|平静的湖面与山的倒影|lake water reflection mountain landscape nature|湖 倒影 山 风景|lake in the morning
wp|Green rolling hills in spring|春天起伏的绿色山丘|hills green countryside landscape spring|山丘 乡村 绿色 风景|green hills on a sunny day
wj|Misty forest at dawn|黎明时雾中的森林|forest fog mist trees nature dawn|森林 雾 树 自然|foggy forest at dawn
tj|Autumn trees and falling leaves|秋天的树与落叶|autumn fall leaves trees forest|秋天 落叶 树|autumn forest golden hour
hj|Desert dunes at sunset|日落时的沙丘|desert sand dunes sunset landscape|沙漠 沙丘 日落 风景|desert dunes at sunset
wj|Camel crossing the desert|穿越沙漠的骆驼|camel animal desert sand travel|骆驼 动物 沙漠|camel in the desert at golden hour
wj|Tropical beach with palm trees|有棕榈树的热带海滩|beach sea palm tropical summer holiday|海滩 大海 棕榈 夏天|tropical beach on a sunny day
hj|Sailing boat at sunset|日落时的帆船|sea boat sailing sunset ocean|大海 帆船 日落|sailboat on the sea at sunset
wj|Lighthouse in a storm|暴风雨中的灯塔|lighthouse storm sea coast rain lightning weather|灯塔 暴风雨 大海 闪电|lighthouse in a thunderstorm with lightning
tj|Lighthouse on a summer morning|夏日清晨的灯塔|lighthouse coast sea morning|灯塔 海岸 早晨|lighthouse in the morning clear sky
wj|Steamer on the open sea|大海上的轮船|ship steamer sea ocean vehicle|轮船 大海 船|ship on the sea cloudy
wj|Suspension bridge in the fog|雾中的悬索桥|bridge fog bay architecture building|桥 雾 建筑|red bridge in the fog at sunset
hj|City skyline at night|城市夜景天际线|city skyline night skyscraper buildings lights|城市 夜景 高楼 建筑|city skyline at night
wj|Fireworks over the city|城市上空的烟花|fireworks city night celebration festival|烟花 城市 夜晚 节日|fireworks over the city
hp|Neon street in the rain|雨中的霓虹街道|neon street city night rain cyberpunk technology|霓虹 街道 城市 雨 夜晚|cyberpunk neon street at night in the rain
wj|Red sports car in the city|城市里的红色跑车|car vehicle red street city|汽车 红色 街道 城市|a red car on the street
wj|Yellow bus on a rainy day|雨天的黄色巴士|bus vehicle yellow rain street|巴士 公交车 雨 街道|a yellow bus in the rain
wj|Fast train through the hills|穿过山丘的高铁|train railway vehicle hills travel|火车 高铁 旅行|a blue train in the hills
pj|Bicycle in the park|公园里的自行车|bicycle bike park vehicle|自行车 公园|a teal bicycle in the park
wj|Airliner above the clouds|云端之上的客机|airplane aircraft sky clouds travel vehicle|飞机 天空 云 旅行|an airplane in the sky at golden hour
tj|Hot-air balloons over the valley|山谷上空的热气球|balloon hot-air sky mountains travel|热气球 天空 山|three hot air balloons over the mountains at dawn
tp|Rocket launch into space|火箭升空|rocket space launch technology|火箭 太空 科技|a rocket in space
wp|Ringed planet and nebula|带光环的行星与星云|planet space nebula stars saturn|行星 土星 太空 星云|planet saturn in space
sp|The blue Earth from space|从太空看蓝色地球|earth planet space globe world|地球 太空 世界|the earth in space
wj|Astronaut on the red planet|火星上的宇航员|astronaut mars space planet person|宇航员 火星 太空|an astronaut on mars
sw|Satellite in orbit|轨道上的卫星|satellite space orbit technology|卫星 太空 科技|a satellite in purple space
wj|Starry night and the Milky Way|银河星空|stars milky way night sky astronomy|星空 银河 夜晚|milky way over the mountains at night
wj|Red fox in the snow at dusk|黄昏雪地里的红狐狸|fox animal snow winter dusk wildlife|狐狸 动物 雪 冬天 黄昏|a red fox in snow at dusk
sj|Ginger cat by the window|窗边的橘猫|cat animal pet room cute|猫 动物 宠物 房间|an orange cat in a room
sj|Grey kitten on white|白色背景的灰色小猫|kitten cat animal pet cute studio|小猫 猫 动物 宠物|a grey kitten on a white background
sj|Brown dog in a meadow|草地上的棕色小狗|dog puppy animal pet meadow|狗 小狗 动物 草地|a dog in a meadow with flowers
sj|Panda in a bamboo grove|竹林里的熊猫|panda animal bamboo china bear|熊猫 动物 竹林 中国|a panda in the bamboo
wj|Elephants at sunset|日落时的大象|elephant animal savanna africa sunset wildlife|大象 动物 非洲 日落|two elephants in the savanna at sunset
tj|Giraffe in the savanna|草原上的长颈鹿|giraffe animal africa savanna wildlife|长颈鹿 动物 非洲 草原|a giraffe in the savanna
sj|Tiger in the jungle|丛林里的老虎|tiger animal jungle wildlife cat|老虎 动物 丛林|a tiger in the jungle
sj|Lion at golden hour|金色时刻的狮子|lion animal africa wildlife portrait|狮子 动物 非洲|a lion in the savanna at golden hour
wj|Wild horse galloping field|原野上的骏马|horse animal meadow nature|马 动物 草地 自然|a brown horse in a meadow in the morning
wj|Sheep on green pastures|绿色牧场上的绵羊|sheep animal farm hills green|绵羊 羊 动物 牧场|three sheep in green hills
wj|Deer in the misty woods|雾林中的鹿|deer animal forest fog wildlife|鹿 动物 森林 雾|a deer in a foggy forest
sj|Owl in the moonlit forest|月光森林里的猫头鹰|owl bird animal night forest moon|猫头鹰 鸟 动物 夜晚|an owl in the forest at night
sp|Blue songbird among blossoms|樱花间的蓝色小鸟|bird animal blossom spring blue|鸟 小鸟 动物 樱花 春天|a blue bird with cherry blossoms
wj|Penguins on the ice|冰上的企鹅|penguin animal snow ice winter|企鹅 动物 雪 冰|three penguins in the snow
wj|Swan on a quiet lake|静谧湖面上的天鹅|swan bird lake water animal|天鹅 鸟 湖 动物|a swan on a lake at dawn
wj|Clownfish in a coral reef|珊瑚礁中的小丑鱼|fish clownfish underwater coral sea animal|鱼 小丑鱼 海底 珊瑚|a clownfish in a coral reef
hw|Whale in the deep blue|深海中的鲸鱼|whale underwater ocean animal sea|鲸鱼 海底 大海 动物|a whale underwater
sj|Sea turtle swimming|游泳的海龟|turtle underwater sea animal ocean|海龟 海底 动物|a turtle underwater
sw|Monarch butterfly on flowers|花丛中的帝王蝶|butterfly insect flowers animal garden|蝴蝶 昆虫 花 动物|an orange butterfly in a garden
wj|Tulip fields with a windmill|郁金香花田与风车|tulip flowers field windmill building spring|郁金香 花 风车 春天|a windmill in a field of red tulips
tj|Sunflower under a blue sky|蓝天下的向日葵|sunflower flower yellow summer|向日葵 花 黄色 夏天|a sunflower in a meadow on a sunny day
tj|Red rose|红玫瑰|rose flower red romance love|玫瑰 花 红色 爱情|a red rose in a garden
wj|Pink lotus on the pond|池塘里的粉色荷花|lotus flower pond water pink|荷花 莲花 花 池塘|a pink lotus on a pond in the morning
sj|Bouquet in a vase|花瓶里的花束|bouquet flowers vase still life|花束 花瓶 花|a bouquet on a table
wj|Lavender fields at dusk|黄昏的薰衣草田|lavender flowers field purple dusk|薰衣草 花 紫色 黄昏|a field of lavender wildflowers at dusk
tj|Cherry blossoms and a pagoda|樱花与宝塔|cherry blossom pagoda temple japan spring building|樱花 宝塔 寺庙 春天 建筑|a pagoda with cherry blossoms
wj|Fairy-tale castle in the mountains|山中的童话城堡|castle building mountains fairy tale|城堡 建筑 山|a castle in the mountains at golden hour
wj|Cosy cottage in the snow|雪中的温馨小屋|house cottage snow winter building night|小屋 房子 雪 冬天 建筑|a house in the snow at night
tj|Iron tower at dusk|暮色中的铁塔|tower city building dusk landmark|铁塔 城市 建筑 黄昏|a tower in the city at dusk
wj|Hiker above the valley|山谷之上的徒步者|person hiker mountains silhouette travel|人 徒步 山 剪影 旅行|a hiker in the mountains at sunset
wj|Couple on the beach at sunset|日落海滩上的情侣|couple people silhouette beach sunset love|情侣 人 剪影 海滩 日落|a couple on the beach at sunset
tj|Dancer in the spotlight|聚光灯下的舞者|dancer person stage music dance|舞者 人 舞台 舞蹈|a dancer on the stage
pj|Runner in the city park|城市公园里的跑步者|runner person sport park running|跑步 人 运动 公园|a runner in the park in the morning
tw|Silhouette portrait in violet|紫色剪影肖像|portrait person face silhouette purple|肖像 人 剪影 紫色|a purple portrait on a peach background
sj|Cup of coffee on a wooden table|木桌上的一杯咖啡|coffee cup drink food table|咖啡 杯子 饮料 食物|a cup of coffee on a table
sj|Birthday cake with candles|点着蜡烛的生日蛋糕|cake birthday dessert food party|蛋糕 生日 甜点 食物|a birthday cake
sj|Pizza with olives and basil|橄榄罗勒披萨|pizza food italian dinner|披萨 食物 美食|a pizza on a table
wj|Sushi on a wooden board|木板上的寿司|sushi food japanese fish rice|寿司 食物 日本 美食|sushi on a table
sj|Bowl of noodle soup|一碗汤面|noodles ramen soup food asian|面条 拉面 食物 美食|a bowl of ramen noodles
sw|Cheeseburger|芝士汉堡|burger food fast food|汉堡 食物 快餐|a burger on a table
tp|Ice-cream cone in summer|夏日冰淇淋|ice cream dessert food summer|冰淇淋 甜点 食物 夏天|an ice cream
sj|Red apple and yellow lemon|红苹果与黄柠檬|apple lemon fruit food still life|苹果 柠檬 水果 食物|a red apple and a lemon_fruit on a table
wj|Watermelon and strawberries|西瓜与草莓|watermelon strawberry fruit food summer|西瓜 草莓 水果 食物|a watermelon and strawberry on a table
wj|Friendly robot in the laboratory|实验室里的友好机器人|robot technology ai laboratory machine|机器人 科技 人工智能 实验室|a robot in the lab
wj|Laptop with source code|显示源代码的笔记本电脑|laptop computer code technology desk|电脑 笔记本 代码 科技|a laptop on a desk at night
wp|Microchip on a circuit board|电路板上的芯片|chip circuit board processor technology electronics|芯片 电路 科技 电子|a circuit board
wp|Glowing data network|发光的数据网络|network data ai technology abstract nodes|网络 数据 人工智能 科技|a neural network
tp|Smartphone on a desk|桌上的智能手机|phone smartphone technology mobile desk|手机 科技 桌子|a phone on a desk
pj|Classic camera|经典相机|camera photography technology vintage|相机 摄影 科技|a camera on a desk
wp|Bar chart of growth|增长柱状图|chart bar graph data business statistics|图表 柱状图 数据 商业|a bar chart
wp|Line chart with three series|三条折线图|chart line graph data business statistics|图表 折线图 数据|a line chart
sp|Doughnut chart of shares|份额环形图|chart pie donut data business|图表 饼图 数据|a pie chart
hp|Business dashboard|商业仪表盘|dashboard chart data business analytics|仪表盘 图表 数据 商业|a dashboard
sp|Scatter plot of three groups|三组散点图|chart scatter plot data statistics|图表 散点图 数据|a scatter plot
wj|Flowing abstract waves|流动的抽象波浪|abstract waves gradient background colourful texture|抽象 波浪 渐变 背景|abstract flowing gradient
sj|White marble texture|白色大理石纹理|marble stone texture background|大理石 石头 纹理 背景|marble
sj|Weathered wood planks|风化的木板|wood planks texture background brown|木纹 木头 纹理 背景|wood grain
sj|Red silk folds|红色丝绸褶皱|silk fabric cloth texture red|丝绸 布料 纹理 红色|crimson silk
wj|Old brick wall|老砖墙|brick wall texture background building|砖墙 纹理 背景|a brick wall
sg|Colourful geometric tiles|彩色几何图案|geometric pattern tiles abstract colourful texture|几何 图案 抽象 彩色|geometric pattern
pj|Blurred city lights|模糊的城市灯光|bokeh lights night blur background|光斑 灯光 夜晚 背景|bokeh
pg|Snowman and falling snow|雪人与飘雪|snowman snow winter christmas|雪人 雪 冬天 圣诞|a snowman in the snow
tj|Red lanterns in the night street|夜街的红灯笼|lantern night street festival china|灯笼 夜晚 街道 节日 中国|three red lanterns at night
wj|Red umbrella on a rainy day|雨天的红伞|umbrella rain street weather|雨伞 雨 街道 天气|a red umbrella in the rain
wj|Rainbow after the rain|雨后彩虹|rainbow hills weather sky nature|彩虹 山丘 天气 天空|rainbow over green hills
sj|Lamp in a quiet room|安静房间里的台灯|lamp room night interior furniture|台灯 房间 夜晚 室内|a lamp in a room at night
sj|Armchair by the window|窗边的扶手椅|chair armchair room interior furniture|椅子 沙发 房间 室内|a teal armchair in a room
sw|Pile of books|一摞书|book books reading education|书 书籍 阅读 教育|books on a table
tj|Acoustic guitar|原声吉他|guitar music instrument room|吉他 音乐 乐器|a guitar in a room
sp|Wrapped gift with a bow|系着蝴蝶结的礼物|gift present party birthday christmas|礼物 派对 生日 圣诞|a gift
sp|Cut blue gem|切割的蓝宝石|gem jewel diamond crystal blue|宝石 钻石 水晶 蓝色|a blue gem on a lavender background
wj|Ink-wash mountains|水墨山水|ink painting mountains art chinese|水墨 山水 画 艺术 中国|ink wash mountains in the fog
tw|Watercolour lighthouse|水彩灯塔|watercolour painting lighthouse art sea|水彩 画 灯塔 艺术|watercolour of a lighthouse at dawn
"""


def _specs() -> dict[str, SceneSpec]:
    specs: dict[str, SceneSpec] = {}
    for line in _TABLE.strip().splitlines():
        form, title, chinese, tags, chinese_tags, prompt = line.split("|")
        width, height = SIZES[form[0]]
        slug = "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
        key = f"{slug}.{FORMATS[form[1]]}"
        words = (*tags.split(), *chinese_tags.split())
        specs[key] = SceneSpec(key, f"{title} · {chinese}", words, prompt.replace("_", " "), width, height)
    return specs


SCENES: Final = _specs()
"""All scenes by their file names."""
