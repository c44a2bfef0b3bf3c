"""The words that the painter knows, in English and Chinese, and what each means."""
# ruff: noqa: E501 - rows of a table are read as lines

from __future__ import annotations

from typing import Final

from lightbox.sandbox.pixels import Colour

Meaning = tuple[str, str]
"""A kind (`subject`, `setting`, `time`, `weather`, `extra`, `style`, `colour`, `count`, `season`, `view`) and its value."""

PAINTS: Final[dict[str, Colour]] = {
    "red": (206, 46, 48), "scarlet": (226, 48, 40), "crimson": (170, 22, 52), "maroon": (118, 28, 42), "pink": (246, 150, 182),
    "magenta": (216, 50, 150), "orange": (244, 134, 44), "amber": (250, 178, 48), "peach": (252, 186, 150), "coral": (250, 122, 96),
    "salmon": (246, 140, 118), "brown": (126, 82, 52), "chocolate": (92, 56, 38), "tan": (206, 168, 124), "beige": (228, 212, 184),
    "cream": (250, 240, 216), "ivory": (252, 248, 234), "yellow": (250, 210, 64), "gold": (220, 172, 66), "lemon": (250, 232, 90),
    "green": (78, 160, 82), "emerald": (28, 150, 100), "lime": (164, 212, 64), "olive": (128, 130, 58), "mint": (150, 222, 184),
    "teal": (24, 134, 138), "turquoise": (64, 200, 196), "cyan": (60, 196, 226), "aqua": (90, 210, 220), "blue": (52, 112, 204),
    "navy": (28, 44, 98), "indigo": (72, 62, 158), "azure": (70, 150, 230), "purple": (132, 74, 178), "violet": (150, 92, 206),
    "lavender": (190, 166, 226), "lilac": (204, 172, 218), "white": (248, 248, 248), "black": (38, 38, 44), "grey": (140, 144, 152),
    "silver": (190, 196, 206), "charcoal": (66, 70, 78),
}  # fmt: skip

_COLOURS: Final = """
gray=grey golden=gold silvery=silver violet=violet rosy=pink 红=red 红色=red 绯红=crimson 粉=pink 粉色=pink 粉红=pink 橙=orange 橙色=orange 橘色=orange
棕=brown 棕色=brown 褐色=brown 米色=beige 黄=yellow 黄色=yellow 金=gold 金色=gold 绿=green 绿色=green 翠绿=emerald 青色=teal 蓝=blue 蓝色=blue 深蓝=navy
天蓝=azure 紫=purple 紫色=purple 白=white 白色=white 黑=black 黑色=black 灰=grey 灰色=grey 银色=silver
"""

_SUBJECTS: Final = """
fox=fox vixen=fox 狐狸=fox 狐=fox cat=cat kitty=cat 猫=cat 小猫=kitten 猫咪=cat kitten=kitten dog=dog puppy=dog corgi=dog 狗=dog 小狗=dog 柴犬=dog wolf=wolf 狼=wolf bear=bear 熊=bear
polar_bear=polar_bear 北极熊=polar_bear panda=panda 熊猫=panda 大熊猫=panda rabbit=rabbit bunny=rabbit hare=rabbit 兔=rabbit 兔子=rabbit tiger=tiger 老虎=tiger 虎=tiger
lion=lion 狮子=lion raccoon=raccoon 浣熊=raccoon mouse=mouse 老鼠=mouse koala=koala 考拉=koala squirrel=squirrel 松鼠=squirrel animal=fox 动物=fox pet=dog
deer=deer stag=deer elk=deer reindeer=deer 鹿=deer horse=horse pony=horse 马=horse 骏马=horse cow=cow cattle=cow 牛=cow 奶牛=cow sheep=sheep lamb=sheep 羊=sheep 绵羊=sheep
elephant=elephant 大象=elephant giraffe=giraffe 长颈鹿=giraffe zebra=zebra 斑马=zebra camel=camel 骆驼=camel bird=bird robin=bird sparrow=bird songbird=bird 鸟=bird 小鸟=bird
birds=birds seagull=birds gull=birds flock=birds 海鸥=birds 鸟群=birds eagle=eagle hawk=eagle falcon=eagle 鹰=eagle 老鹰=eagle owl=owl 猫头鹰=owl penguin=penguin 企鹅=penguin
swan=swan duck=swan goose=swan 天鹅=swan 鸭=swan 鸭子=swan fish=fish clownfish=fish goldfish=fish 鱼=fish 金鱼=fish whale=whale dolphin=whale shark=whale 鲸=whale 鲸鱼=whale 海豚=whale
turtle=turtle tortoise=turtle 海龟=turtle 乌龟=turtle butterfly=butterfly moth=butterfly 蝴蝶=butterfly bee=bee bumblebee=bee wasp=bee 蜜蜂=bee
person=person man=person woman=person girl=person boy=person child=person figure=person silhouette=person 人=person 人物=person 男人=person 女人=person 女孩=person 男孩=person 剪影=person
hiker=traveller traveller=traveller traveler=traveller wanderer=traveller walker=traveller 旅行者=traveller 徒步=traveller runner=runner jogger=runner athlete=runner 跑步=runner running=runner
dancer=dancer ballerina=dancer dancing=dancer 舞者=dancer 跳舞=dancer reader=reader sitting_person=reader people=people family=people crowd=people friends=people 人群=people 家人=people 朋友=people
couple=couple lovers=couple 情侣=couple portrait=portrait face=portrait profile=portrait 肖像=portrait 头像=portrait
house=house cottage=house cabin=house home=house hut=house barn=house farm=house 房子=house 小屋=house 房屋=house 木屋=house castle=castle fortress=castle palace=castle 城堡=castle 宫殿=castle
lighthouse=lighthouse 灯塔=lighthouse windmill=windmill mill=windmill 风车=windmill pagoda=pagoda temple=pagoda shrine=pagoda 塔=pagoda 宝塔=pagoda 寺庙=pagoda 庙=pagoda
bridge=bridge 桥=bridge 大桥=bridge tower=tower eiffel_tower=tower 铁塔=tower 高塔=tower tree=tree oak=tree maple=tree 树=tree 大树=tree pine=pine fir=pine spruce=pine christmas_tree=pine 松树=pine 圣诞树=pine
cherry_tree=cherry_tree 樱花树=cherry_tree palm=palm palm_tree=palm coconut=palm 棕榈=palm 椰树=palm 椰子树=palm cactus=cactus 仙人掌=cactus
flower=flower daisy=flower blossom=flower lily=flower orchid=flower 花=flower 花朵=flower 雏菊=flower rose=rose peony=rose 玫瑰=rose 牡丹=rose tulip=tulip 郁金香=tulip sunflower=sunflower 向日葵=sunflower
lotus=lotus water_lily=lotus 荷花=lotus 莲花=lotus bouquet=bouquet vase=bouquet 花束=bouquet 花瓶=bouquet leaf=leaf 叶子=leaf 树叶=leaf mushroom=mushroom toadstool=mushroom 蘑菇=mushroom
snowflake=snowflake 雪花=snowflake car=car taxi=car automobile=car 汽车=car 轿车=car 车=car bus=bus van=bus truck=bus 公交车=bus 巴士=bus train=train locomotive=train railway=train 火车=train 高铁=train 列车=train
bicycle=bicycle bike=bicycle 自行车=bicycle 单车=bicycle sailboat=sailboat boat=sailboat sail=sailboat yacht=sailboat 帆船=sailboat 小船=sailboat 船=sailboat ship=ship steamer=ship ferry=ship 轮船=ship 渡轮=ship
airplane=airplane plane=airplane aeroplane=airplane jet=airplane aircraft=airplane 飞机=airplane balloon=balloon hot_air_balloon=balloon 热气球=balloon 气球=balloon rocket=rocket spaceship=rocket spacecraft=rocket 火箭=rocket 飞船=rocket
satellite=satellite 卫星=satellite astronaut=astronaut cosmonaut=astronaut 宇航员=astronaut apple=apple 苹果=apple pear=pear 梨=pear tangerine=orange orange_fruit=orange oranges=orange 橙子=orange 橘子=orange
lemons=lemon lemon_fruit=lemon 柠檬=lemon peach_fruit=peach 桃子=peach cherry=cherry cherries=cherry 樱桃=cherry strawberry=strawberry strawberries=strawberry 草莓=strawberry watermelon=watermelon 西瓜=watermelon
banana=banana 香蕉=banana grape=grapes grapes=grapes 葡萄=grapes fruit=apple 水果=apple coffee=coffee espresso=coffee latte=coffee cappuccino=coffee cup=coffee mug=coffee 咖啡=coffee 杯子=coffee tea=tea matcha=tea 茶=tea
cake=cake birthday_cake=cake cupcake=cake dessert=cake 蛋糕=cake pizza=pizza 披萨=pizza 比萨=pizza bread=bread loaf=bread 面包=bread sushi=sushi 寿司=sushi noodles=noodles noodle=noodles ramen=noodles pasta=noodles soup=noodles 面条=noodles 拉面=noodles 面=noodles
burger=burger hamburger=burger cheeseburger=burger sandwich=burger 汉堡=burger ice_cream=ice_cream icecream=ice_cream gelato=ice_cream 冰淇淋=ice_cream 雪糕=ice_cream cheese=cheese 奶酪=cheese 芝士=cheese food=noodles 美食=noodles 食物=noodles
robot=robot android=robot 机器人=robot laptop=laptop computer=laptop notebook=laptop code=laptop 电脑=laptop 笔记本=laptop 代码=laptop phone=phone smartphone=phone 手机=phone camera=camera 相机=camera 照相机=camera
book=book books=book library=book 书=book 书本=book 书籍=book guitar=guitar 吉他=guitar clock=clock alarm=clock watch=clock 闹钟=clock 时钟=clock 钟=clock lamp=lamp 台灯=lamp 灯=lamp umbrella=umbrella parasol=umbrella 雨伞=umbrella 伞=umbrella
gift=gift present=gift 礼物=gift heart=heart love=heart 爱心=heart 心=heart star=star 五角星=star gem=gem diamond=gem crystal=gem jewel=gem 宝石=gem 钻石=gem 水晶=gem planet=planet saturn=planet 行星=planet 土星=planet
earth=earth globe=earth world=earth 地球=earth chair=chair armchair=chair sofa=chair couch=chair 椅子=chair 沙发=chair hat=hat 帽子=hat ball=ball 球=ball football=football soccer=football 足球=football
lantern=lantern 灯笼=lantern sign=sign signboard=sign billboard=sign 招牌=sign 牌子=sign snowman=snowman 雪人=snowman
"""

_SETTINGS: Final = """
forest=forest woods=forest woodland=forest 森林=forest 树林=forest jungle=jungle rainforest=jungle 丛林=jungle 雨林=jungle bamboo=bamboo 竹林=bamboo 竹子=bamboo meadow=meadow grass=meadow field=meadow lawn=meadow pasture=meadow prairie=meadow 草地=meadow 草原=meadow 田野=meadow
park=park 公园=park garden=garden 花园=garden flowers=flowers wildflowers=flowers tulips=flowers lavender_field=flowers 花海=flowers 花田=flowers hills=hills hill=hills countryside=hills valley=hills village=hills vineyard=hills landscape=mountains 山丘=hills 乡村=hills 村庄=hills 风景=mountains 山谷=hills
mountains=mountains mountain=mountains alps=mountains peak=mountains summit=mountains volcano=mountains cliff=mountains 山=mountains 山脉=mountains 雪山=mountains 高山=mountains 山峰=mountains lake=lake pond=lake river=lake 湖=lake 湖泊=lake 湖水=lake 河=lake 河流=lake 池塘=lake
sea=sea ocean=sea waves=sea 海=sea 大海=sea 海洋=sea 海浪=sea beach=beach coast=coast shore=beach island=beach seaside=beach tropical=beach 海滩=beach 沙滩=beach 海岸=coast 海岛=beach bay=bay harbour=bay harbor=bay 港口=bay 海湾=bay
desert=desert dunes=desert dune=desert sahara=desert 沙漠=desert 沙丘=desert savanna=savanna savannah=savanna africa=savanna safari=savanna 非洲=savanna snow=snow snowy=snow winter=snow ice=snow arctic=snow antarctica=snow 雪地=snow 冬天=snow 冬季=snow 冰=snow
city=city skyline=city downtown=city skyscraper=city skyscrapers=city metropolis=city urban=city town=city 城市=city 都市=city 天际线=city 摩天大楼=city 高楼=city street=street road=street alley=street highway=street 街=street 街道=street 马路=street 公路=street
underwater=underwater reef=underwater coral_reef=underwater aquarium=underwater 水下=underwater 海底=underwater 珊瑚=underwater space=space galaxy=space nebula=space cosmos=space universe=space cosmic=space 太空=space 宇宙=space 星系=space 银河系=space 星云=space
moon_surface=moon lunar=moon mars=mars martian=mars 月球=moon 火星=mars room=room indoors=room interior=room kitchen=room bedroom=room living_room=room window=room 房间=room 室内=room 厨房=room 卧室=room 客厅=room
table=table wooden_table=table cafe=table restaurant=table 桌子=table 桌上=table 餐桌=table desk=desk office=desk workspace=desk 办公桌=desk 办公室=desk lab=lab laboratory=lab factory=lab 实验室=lab 工厂=lab studio=studio isolated=studio product=studio icon=studio logo=studio sticker=studio 图标=studio 标志=studio
sky=sky clouds=sky 天空=sky 云=sky 云朵=sky 云海=sky stage=stage spotlight=stage concert=stage 舞台=stage stadium=stadium pitch=stadium 球场=stadium party=party birthday=party celebration=party 派对=party 生日=party
chart=bar_chart bar_chart=bar_chart graph=line_chart diagram=bar_chart histogram=bar_chart statistics=bar_chart line_chart=line_chart pie_chart=pie_chart donut_chart=pie_chart scatter_plot=scatter_chart scatter=scatter_chart area_chart=area_chart dashboard=dashboard infographic=dashboard
柱状图=bar_chart 图表=bar_chart 折线图=line_chart 饼图=pie_chart 散点图=scatter_chart 面积图=area_chart 仪表盘=dashboard 数据=dashboard abstract=abstract gradient=abstract 抽象=abstract 渐变=abstract wallpaper=abstract flowing=abstract marble=marble 大理石=marble
wood_texture=wood wood_grain=wood planks=wood 木纹=wood fabric=fabric silk=fabric cloth=fabric velvet=fabric 布料=fabric 丝绸=fabric bricks=bricks brick_wall=bricks brick=bricks 砖墙=bricks sand=sand_pattern 沙子=sand_pattern geometric=geometric mosaic=geometric pattern=geometric bauhaus=geometric 几何=geometric 图案=geometric
circuit=circuit chip=circuit circuit_board=circuit processor=circuit microchip=circuit electronics=circuit technology=circuit 电路=circuit 电路板=circuit 芯片=circuit 科技=circuit network=network neural_network=network data=network blockchain=network 网络=network 神经网络=network 人工智能=network ai=network
paper_texture=paper crumpled_paper=paper paper=paper 纸=paper 纸张=paper bokeh=bokeh lights=bokeh 光斑=bokeh cherry_blossom=blossom cherry_blossoms=blossom sakura=blossom spring=blossom 樱花=blossom 春天=blossom 春=blossom autumn=autumn fall=autumn 秋天=autumn 秋季=autumn 秋=autumn 枫叶=autumn
"""

_OTHERS: Final = {
    "time": """dawn=dawn sunrise=dawn daybreak=dawn 日出=dawn 黎明=dawn 清晨=morning morning=morning 早晨=morning 早上=morning noon=day day=day daytime=day midday=day sunny=day 白天=day 中午=day 晴天=day afternoon=golden golden_hour=golden 下午=golden 午后=golden sunset=sunset evening=sunset sundown=sunset 日落=sunset 夕阳=sunset 黄昏=dusk 傍晚=dusk 晚霞=sunset
        dusk=dusk twilight=dusk blue_hour=dusk gloaming=dusk 暮色=dusk night=night midnight=night nighttime=night nocturnal=night moonlit=night moonlight=night moon=night starry=night stars=night 夜=night 夜晚=night 夜景=night 晚上=night 月亮=night 月光=night 月=night 星空=night 星星=night 深夜=night""",
    "weather": """rain=rain rainy=rain raining=rain drizzle=rain 雨=rain 下雨=rain 雨天=rain snowing=snow snowfall=snow snow=snow snowy=snow blizzard=snow 雪=snow 下雪=snow 大雪=snow fog=fog foggy=fog mist=fog misty=fog haze=fog hazy=fog 雾=fog 薄雾=fog 晨雾=fog cloudy=cloudy overcast=cloudy gloomy=cloudy 阴天=cloudy 多云=cloudy
        storm=storm stormy=storm thunderstorm=storm thunder=storm lightning=storm tempest=storm 暴风雨=storm 雷雨=storm 闪电=storm clear_sky=clear cloudless=clear 晴空=clear""",
    "extra": """aurora=aurora northern_lights=aurora 极光=aurora rainbow=rainbow 彩虹=rainbow fireworks=fireworks firework=fireworks 烟花=fireworks 烟火=fireworks milky_way=milky_way 银河=milky_way lightning=lightning 闪电=lightning thunderstorm=lightning 雷雨=lightning neon=neon cyberpunk=neon 霓虹=neon 赛博朋克=neon christmas=lights""",
    "style": """watercolor=watercolour watercolour=watercolour aquarelle=watercolour 水彩=watercolour 水彩画=watercolour oil_painting=oil oil=oil impressionist=oil impressionism=oil van_gogh=oil 油画=oil sketch=sketch pencil=sketch drawing=sketch line_art=sketch charcoal_drawing=sketch 素描=sketch 铅笔画=sketch pixel_art=pixel pixel=pixel 8-bit=pixel pixelated=pixel 像素=pixel 像素画=pixel
        ink=ink ink_wash=ink sumi-e=ink 水墨=ink 水墨画=ink 国画=ink vintage=vintage retro=vintage sepia=vintage old_photo=vintage 复古=vintage 怀旧=vintage black_and_white=mono monochrome=mono greyscale=mono grayscale=mono 黑白=mono pastel=pastel pastels=pastel soft_colors=pastel 柔和=pastel poster=poster pop_art=poster flat=poster minimalist=minimal minimal=minimal 极简=minimal 海报=poster vivid=vivid vibrant=vivid colourful=vivid colorful=vivid 鲜艳=vivid 彩色=vivid""",
    "count": """two=2 pair=2 three=3 trio=3 four=4 five=5 six=6 several=4 many=6 一群=5 两=2 两只=2 三=3 三只=3 四=4 五=5""",
    "view": """close-up=close closeup=close macro=close detailed=close 特写=close big=close huge=close giant=close wide_shot=wide distant=wide panorama=wide tiny=wide small=wide aerial=wide 远景=wide 全景=wide""",
}  # fmt: skip


def _pairs(text: str) -> list[tuple[str, str]]:
    return [
        (word.replace("_", " "), value.replace("_", " ")) for word, value in (item.split("=") for item in text.split())
    ]


def _lexicon() -> dict[str, list[Meaning]]:
    words: dict[str, list[Meaning]] = {}
    groups = {"subject": _SUBJECTS, "setting": _SETTINGS, "colour": _COLOURS, **_OTHERS}
    for kind, text in groups.items():
        for word, value in _pairs(text):
            words.setdefault(word, []).append((kind, value))
    for name in PAINTS:
        words.setdefault(name, []).append(("colour", name))
    return words


LEXICON: Final = _lexicon()
"""Every word or phrase with its meanings; Chinese ones are found without spaces."""

LONGEST: Final = max(phrase.count(" ") + 1 for phrase in LEXICON)
"""How many words the longest phrase has."""
