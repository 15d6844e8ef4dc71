"""What is real about the instance: clusters by their names, kinds of products, parts and materials, cities.

The twenty strategic clusters (ten pillar, ten emerging) are those of the province's cluster action of 2020, the
five future clusters those of its plans for future industries (2022 to 2024). Which chains a cluster holds, what
they are made of and how they are called here is our own choice; no list of the province's hundred chains is
public in full.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CITIES", "CLUSTERS", "COUNTRIES", "Cluster"]

Pair = tuple[str, str]
"""English and Chinese."""


@dataclass(frozen=True)
class Cluster:
    """A cluster with its candidate chains.

    Attributes
    ----------
    code, kind : str
        Kind is ``pillar``, ``emerging`` or ``future``.
    title : Pair
    chains : tuple of Pair
        Candidate chains.
    parts : tuple of Pair
        What products of the cluster are assembled from.
    materials : tuple of Pair
        What parts are made of.
    shared : tuple of Pair
        Nodes that several chains of the cluster have in common.
    """

    code: str
    kind: str
    title: Pair
    chains: tuple[Pair, ...]
    parts: tuple[Pair, ...]
    materials: tuple[Pair, ...]
    shared: tuple[Pair, ...]


CLUSTERS = (
    Cluster(
        "electronics",
        "pillar",
        ("New-generation electronic information", "新一代电子信息"),
        (
            ("Smartphones", "智能手机"),
            ("Base stations", "通信基站"),
            ("Servers", "服务器"),
            ("Wearable devices", "可穿戴设备"),
            ("Printed circuit boards", "印制电路板"),
            ("Electronic components", "电子元器件"),
            ("Routers and switches", "路由与交换设备"),
            ("Optical fibre and cable", "光纤光缆"),
        ),
        (
            ("main board", "主板"),
            ("radio module", "射频模组"),
            ("camera module", "摄像模组"),
            ("battery pack", "电池组"),
            ("power supply", "电源"),
            ("connector set", "连接器"),
        ),
        (
            ("copper-clad laminate", "覆铜板"),
            ("ceramic capacitor powder", "陶瓷电容粉体"),
            ("solder paste", "焊锡膏"),
            ("optical filter glass", "滤光玻璃"),
        ),
        (("application processor", "应用处理器"), ("high-density connector alloy", "高密度连接器合金")),
    ),
    Cluster(
        "petrochemicals",
        "pillar",
        ("Green petrochemicals", "绿色石化"),
        (
            ("Ethylene and polyolefins", "乙烯与聚烯烃"),
            ("Aromatics", "芳烃"),
            ("Fine chemicals", "精细化工"),
            ("Coatings", "涂料"),
            ("Synthetic rubber", "合成橡胶"),
            ("Daily chemicals", "日用化工"),
        ),
        (
            ("polymer grade", "聚合牌号"),
            ("catalyst charge", "催化剂装填"),
            ("additive package", "助剂包"),
            ("process gas", "工艺气体"),
        ),
        (
            ("naphtha", "石脑油"),
            ("catalyst carrier", "催化剂载体"),
            ("antioxidant", "抗氧剂"),
            ("titanium dioxide", "钛白粉"),
        ),
        (("metallocene catalyst", "茂金属催化剂"),),
    ),
    Cluster(
        "appliances",
        "pillar",
        ("Smart home appliances", "智能家电"),
        (
            ("Air conditioners", "空调"),
            ("Refrigerators", "冰箱"),
            ("Washing machines", "洗衣机"),
            ("Kitchen appliances", "厨房电器"),
            ("Robot vacuum cleaners", "扫地机器人"),
            ("Rice cookers and small appliances", "小家电"),
        ),
        (
            ("control board", "控制板"),
            ("motor", "电机"),
            ("heat exchanger", "换热器"),
            ("housing", "外壳"),
            ("sensor set", "传感器组"),
        ),
        (
            ("enamelled copper wire", "漆包线"),
            ("electrical steel", "硅钢"),
            ("refrigerant", "制冷剂"),
            ("engineering plastic", "工程塑料"),
        ),
        (("rotary compressor", "旋转压缩机"), ("inverter power module", "变频功率模块")),
    ),
    Cluster(
        "automobiles",
        "pillar",
        ("Automobiles", "汽车产业"),
        (
            ("New energy passenger cars", "新能源乘用车"),
            ("Commercial vehicles", "商用车"),
            ("Power batteries", "动力电池"),
            ("Electric drives", "电驱动系统"),
            ("Intelligent cockpits", "智能座舱"),
            ("Vehicle lighting", "汽车照明"),
        ),
        (
            ("body assembly", "车身总成"),
            ("drive unit", "驱动单元"),
            ("brake system", "制动系统"),
            ("battery module", "电池模组"),
            ("wire harness", "线束"),
            ("controller", "控制器"),
        ),
        (
            ("high-strength steel", "高强钢"),
            ("aluminium casting alloy", "铸造铝合金"),
            ("separator film", "隔膜"),
            ("cathode material", "正极材料"),
        ),
        (("automotive microcontroller", "车规级微控制器"), ("drive-grade bearing", "驱动级轴承")),
    ),
    Cluster(
        "materials",
        "pillar",
        ("Advanced materials", "先进材料"),
        (
            ("Special steels", "特种钢"),
            ("Aluminium products", "铝材"),
            ("Ceramics", "建筑与先进陶瓷"),
            ("Engineering plastics", "工程塑料"),
            ("Special glass", "特种玻璃"),
        ),
        (
            ("melt charge", "熔炼料"),
            ("rolled stock", "轧制坯料"),
            ("glaze or coating", "釉料与涂层"),
            ("mould", "模具"),
        ),
        (
            ("alloying metal", "合金元素"),
            ("refractory", "耐火材料"),
            ("kaolin", "高岭土"),
            ("graphite electrode", "石墨电极"),
        ),
        (("high-purity alumina", "高纯氧化铝"),),
    ),
    Cluster(
        "textiles",
        "pillar",
        ("Modern light industry and textiles", "现代轻工纺织"),
        (
            ("Garments", "服装"),
            ("Functional fabrics", "功能面料"),
            ("Furniture", "家具"),
            ("Footwear", "鞋业"),
            ("Paper and packaging", "造纸与包装"),
            ("Toys", "玩具"),
            ("Jewellery", "珠宝首饰"),
        ),
        (
            ("fabric", "面料"),
            ("trim", "辅料"),
            ("board", "板材"),
            ("adhesive", "胶粘剂"),
        ),
        (
            ("cotton yarn", "棉纱"),
            ("polyester chip", "聚酯切片"),
            ("pulp", "纸浆"),
            ("dye", "染料"),
        ),
        (("spandex", "氨纶"),),
    ),
    Cluster(
        "software",
        "pillar",
        ("Software and information services", "软件与信息服务"),
        (
            ("Industrial software", "工业软件"),
            ("Operating systems", "操作系统"),
            ("Cloud services", "云服务"),
            ("Industrial internet platforms", "工业互联网平台"),
            ("Financial software", "金融软件"),
        ),
        (
            ("solver kernel", "求解内核"),
            ("data centre capacity", "数据中心算力"),
            ("development service", "开发服务"),
            ("test service", "测试服务"),
        ),
        (
            ("geometry kernel licence", "几何内核许可"),
            ("database licence", "数据库许可"),
            ("accelerator hours", "加速卡机时"),
            ("source hosting", "代码托管"),
        ),
        (("compiler tool chain", "编译工具链"),),
    ),
    Cluster(
        "display",
        "pillar",
        ("Ultra-high-definition video and display", "超高清视频显示"),
        (
            ("Display panels", "显示面板"),
            ("Televisions", "电视整机"),
            ("Micro-LED", "微型发光二极管显示"),
            ("Broadcast cameras", "摄录设备"),
            ("Laser projection", "激光投影"),
        ),
        (
            ("driver circuit", "驱动电路"),
            ("backlight", "背光模组"),
            ("glass substrate", "玻璃基板"),
            ("optical engine", "光学引擎"),
        ),
        (
            ("liquid crystal", "液晶材料"),
            ("polariser", "偏光片"),
            ("target metal", "靶材"),
            ("optical film", "光学膜"),
        ),
        (("display driver chip", "显示驱动芯片"), ("sputtering target", "溅射靶材")),
    ),
    Cluster(
        "biomedicine",
        "pillar",
        ("Biomedicine and health", "生物医药与健康"),
        (
            ("Vaccines", "疫苗"),
            ("Chemical drugs", "化学药"),
            ("Chinese medicine", "中药"),
            ("Medical imaging", "医学影像设备"),
            ("In-vitro diagnostics", "体外诊断"),
            ("Surgical robots", "手术机器人"),
            ("Health food", "保健食品"),
        ),
        (
            ("active ingredient", "原料药"),
            ("detector", "探测器"),
            ("reagent kit", "试剂盒"),
            ("sterile packaging", "无菌包装"),
            ("cell culture", "细胞培养"),
        ),
        (
            ("culture medium", "培养基"),
            ("intermediate", "医药中间体"),
            ("chromatography resin", "层析填料"),
            ("medical polymer", "医用高分子"),
        ),
        (("single-use bioreactor bag", "一次性生物反应袋"), ("imaging tube", "影像球管")),
    ),
    Cluster(
        "food",
        "pillar",
        ("Modern agriculture and food", "现代农业与食品"),
        (
            ("Beverages", "饮料"),
            ("Aquatic products", "水产品"),
            ("Fruit processing", "水果加工"),
            ("Feed", "饲料"),
            ("Condiments", "调味品"),
            ("Grain and oil", "粮油加工"),
        ),
        (
            ("base ingredient", "基础原料"),
            ("flavour", "香精"),
            ("packaging", "包装"),
            ("cold storage", "冷藏服务"),
        ),
        (
            ("soybean", "大豆"),
            ("seed stock", "种苗"),
            ("sugar", "糖"),
            ("aluminium can sheet", "铝罐料"),
        ),
        (("food enzyme", "食品酶制剂"),),
    ),
    Cluster(
        "semiconductors",
        "emerging",
        ("Semiconductors and integrated circuits", "半导体与集成电路"),
        (
            ("Analogue chips", "模拟芯片"),
            ("Power semiconductors", "功率半导体"),
            ("Memory modules", "存储模组"),
            ("Chip packaging and test", "封装测试"),
            ("Chip design services", "芯片设计服务"),
            ("Sensors", "传感器芯片"),
        ),
        (
            ("processed wafer", "加工晶圆"),
            ("package substrate", "封装基板"),
            ("mask set", "掩模版"),
            ("test service", "测试服务"),
        ),
        (
            ("silicon wafer", "硅片"),
            ("photoresist", "光刻胶"),
            ("electronic gas", "电子特气"),
            ("bonding wire", "键合线"),
        ),
        (("immersion photoresist", "浸没式光刻胶"), ("design automation licence", "电子设计自动化许可")),
    ),
    Cluster(
        "equipment",
        "emerging",
        ("High-end equipment", "高端装备制造"),
        (
            ("Machine tools", "数控机床"),
            ("Offshore equipment", "海工装备"),
            ("Aero engines and parts", "航空发动机零部件"),
            ("Rail vehicles", "轨道交通装备"),
            ("Satellites and navigation", "卫星与导航"),
            ("Injection moulding machines", "注塑机"),
        ),
        (
            ("spindle", "主轴"),
            ("control system", "数控系统"),
            ("frame casting", "床身铸件"),
            ("hydraulic unit", "液压单元"),
            ("guide and screw", "导轨丝杠"),
        ),
        (
            ("alloy steel bar", "合金钢棒"),
            ("seal ring", "密封圈"),
            ("titanium forging", "钛锻件"),
            ("cutting tool grade", "刀具硬质合金"),
        ),
        (("precision bearing", "精密轴承"), ("servo drive", "伺服驱动器")),
    ),
    Cluster(
        "robots",
        "emerging",
        ("Intelligent robots", "智能机器人"),
        (
            ("Industrial robots", "工业机器人"),
            ("Service robots", "服务机器人"),
            ("Drones", "无人机"),
            ("Unmanned vessels", "无人船"),
            ("Warehouse robots", "仓储机器人"),
        ),
        (
            ("joint module", "关节模组"),
            ("controller", "控制器"),
            ("vision system", "视觉系统"),
            ("body", "本体"),
        ),
        (
            ("magnet", "磁钢"),
            ("encoder disc", "编码盘"),
            ("carbon fibre part", "碳纤维件"),
            ("lithium cell", "锂电芯"),
        ),
        (("harmonic reducer", "谐波减速器"), ("rotary vector reducer", "RV减速器")),
    ),
    Cluster(
        "quantum",
        "emerging",
        ("Blockchain and quantum information", "区块链与量子信息"),
        (
            ("Blockchain platforms", "区块链平台"),
            ("Quantum communication devices", "量子通信器件"),
            ("Security chips", "安全芯片"),
            ("Cryptographic services", "密码服务"),
            ("Trusted data spaces", "可信数据空间"),
        ),
        (
            ("secure module", "安全模块"),
            ("photon source", "光子源"),
            ("node hosting", "节点托管"),
        ),
        (
            ("superconducting wire", "超导线材"),
            ("single-photon detector chip", "单光子探测芯片"),
            ("dilution gas", "稀释气体"),
        ),
        (("true random number core", "真随机数内核"),),
    ),
    Cluster(
        "frontier",
        "emerging",
        ("Frontier new materials", "前沿新材料"),
        (
            ("Graphene", "石墨烯"),
            ("Superalloys", "高温合金"),
            ("Carbon fibre", "碳纤维"),
            ("Rare-earth functional materials", "稀土功能材料"),
            ("Biobased materials", "生物基材料"),
        ),
        (
            ("precursor", "前驱体"),
            ("sintered blank", "烧结坯"),
            ("surface treatment", "表面处理"),
        ),
        (
            ("acrylonitrile", "丙烯腈"),
            ("nickel cathode", "电解镍"),
            ("rare-earth oxide", "稀土氧化物"),
            ("natural graphite", "天然石墨"),
        ),
        (("vacuum furnace service", "真空炉加工服务"),),
    ),
    Cluster(
        "energy",
        "emerging",
        ("New energy", "新能源"),
        (
            ("Offshore wind", "海上风电"),
            ("Photovoltaics", "光伏"),
            ("Hydrogen", "氢能"),
            ("Energy storage", "新型储能"),
            ("Nuclear equipment", "核电装备"),
            ("Smart grid equipment", "智能电网装备"),
        ),
        (
            ("converter", "变流器"),
            ("blade or cell string", "叶片或电池串"),
            ("transformer", "变压器"),
            ("electrolyser stack", "电解堆"),
            ("battery rack", "电池柜"),
        ),
        (
            ("polysilicon", "多晶硅"),
            ("lithium carbonate", "碳酸锂"),
            ("glass fibre", "玻璃纤维"),
            ("platinum catalyst", "铂催化剂"),
        ),
        (("insulated-gate power module", "绝缘栅功率模块"), ("main shaft bearing", "主轴轴承")),
    ),
    Cluster(
        "laser",
        "emerging",
        ("Laser and additive manufacturing", "激光与增材制造"),
        (
            ("Laser processing machines", "激光加工装备"),
            ("Fibre lasers", "光纤激光器"),
            ("Metal printers", "金属增材制造装备"),
            ("Printing powders", "增材制造粉末"),
        ),
        (
            ("pump source", "泵浦源"),
            ("scan head", "振镜"),
            ("cooling unit", "冷却单元"),
            ("gas circuit", "气路系统"),
        ),
        (
            ("gallium arsenide wafer", "砷化镓晶圆"),
            ("doped fibre", "掺杂光纤"),
            ("titanium powder", "钛粉"),
        ),
        (("laser chip", "激光芯片"),),
    ),
    Cluster(
        "digital",
        "emerging",
        ("Digital creativity", "数字创意"),
        (
            ("Games", "游戏"),
            ("Virtual reality headsets", "虚拟现实头显"),
            ("Animation", "动漫"),
            ("E-sports equipment", "电竞设备"),
        ),
        (
            ("rendering service", "渲染服务"),
            ("display module", "显示模组"),
            ("engine licence", "引擎许可"),
        ),
        (
            ("graphics card hours", "图形卡机时"),
            ("near-eye lens", "近眼镜片"),
            ("middleware licence", "中间件许可"),
        ),
        (("real-time engine core", "实时引擎内核"),),
    ),
    Cluster(
        "safety",
        "emerging",
        ("Safety, emergency and environmental protection", "安全应急与环保"),
        (
            ("Fire-fighting equipment", "消防装备"),
            ("Water treatment", "水处理"),
            ("Protective equipment", "防护用品"),
            ("Waste recycling", "固废循环利用"),
            ("Monitoring instruments", "环境监测仪器"),
        ),
        (
            ("pump unit", "泵组"),
            ("membrane module", "膜组件"),
            ("alarm unit", "报警单元"),
        ),
        (
            ("activated carbon", "活性炭"),
            ("aramid", "芳纶"),
            ("gas sensor element", "气体传感元件"),
        ),
        (("reverse osmosis membrane", "反渗透膜"),),
    ),
    Cluster(
        "instruments",
        "emerging",
        ("Precision instruments", "精密仪器设备"),
        (
            ("Mass spectrometers", "质谱仪"),
            ("Coordinate measuring machines", "三坐标测量机"),
            ("Test instruments", "电子测试仪器"),
            ("Microscopes", "显微镜"),
            ("Industrial inspection", "工业检测设备"),
        ),
        (
            ("optical assembly", "光学组件"),
            ("signal board", "信号板"),
            ("vacuum chamber", "真空腔体"),
            ("positioning stage", "定位台"),
        ),
        (
            ("optical glass", "光学玻璃"),
            ("converter chip", "转换芯片"),
            ("ceramic insulator", "陶瓷绝缘子"),
        ),
        (("molecular pump", "分子泵"), ("photomultiplier", "光电倍增管")),
    ),
    Cluster(
        "future-information",
        "future",
        ("Future electronic information", "未来电子信息"),
        (
            ("Sixth-generation mobile communication", "第六代移动通信"),
            ("Silicon photonics", "硅光"),
            ("Brain-inspired computing", "类脑计算"),
            ("Satellite internet terminals", "卫星互联网终端"),
        ),
        (
            ("terahertz front end", "太赫兹前端"),
            ("photonic chip", "光子芯片"),
            ("phased array", "相控阵"),
        ),
        (
            ("indium phosphide wafer", "磷化铟晶圆"),
            ("gallium metal", "金属镓"),
            ("low-loss substrate", "低损耗基板"),
        ),
        (("epitaxy service", "外延服务"),),
    ),
    Cluster(
        "future-machines",
        "future",
        ("Future intelligent machines", "未来智能装备"),
        (
            ("Humanoid robots", "人形机器人"),
            ("Low-altitude aircraft", "低空飞行器"),
            ("Autonomous driving systems", "自动驾驶系统"),
            ("Deep-sea equipment", "深海装备"),
        ),
        (
            ("dexterous hand", "灵巧手"),
            ("flight control", "飞控系统"),
            ("lidar", "激光雷达"),
        ),
        (
            ("planetary roller screw", "行星滚柱丝杠"),
            ("high-rate cell", "高倍率电芯"),
            ("pressure-resistant shell", "耐压壳体"),
        ),
        (("force sensor", "力传感器"),),
    ),
    Cluster(
        "future-health",
        "future",
        ("Future life and health", "未来生命健康"),
        (
            ("Gene and cell therapy", "基因与细胞治疗"),
            ("Synthetic biology", "合成生物"),
            ("Brain-machine interfaces", "脑机接口"),
        ),
        (
            ("vector", "载体"),
            ("fermentation run", "发酵批次"),
            ("electrode array", "电极阵列"),
        ),
        (
            ("plasmid", "质粒"),
            ("enzyme", "酶"),
            ("medical-grade silicon", "医用级硅"),
        ),
        (("gene synthesis service", "基因合成服务"),),
    ),
    Cluster(
        "future-materials",
        "future",
        ("Future materials", "未来材料"),
        (
            ("Superconducting materials", "超导材料"),
            ("Smart bionic materials", "智能仿生材料"),
            ("Wide-bandgap crystals", "宽禁带晶体"),
        ),
        (
            ("crystal growth run", "晶体生长批次"),
            ("tape coating", "带材涂层"),
            ("polishing service", "抛光服务"),
        ),
        (
            ("yttrium oxide", "氧化钇"),
            ("high-purity gallium", "高纯镓"),
            ("silicon carbide powder", "碳化硅粉"),
        ),
        (("growth furnace graphite", "长晶炉石墨"),),
    ),
    Cluster(
        "future-green",
        "future",
        ("Future green and low-carbon technology", "未来绿色低碳"),
        (
            ("Carbon capture", "碳捕集利用"),
            ("Sodium batteries", "钠离子电池"),
            ("Solid-state batteries", "固态电池"),
            ("Ammonia fuels", "氨燃料"),
        ),
        (
            ("absorber", "吸收剂"),
            ("electrolyte layer", "电解质层"),
            ("reactor", "反应器"),
        ),
        (
            ("hard carbon", "硬碳"),
            ("sulphide electrolyte", "硫化物电解质"),
            ("amine solvent", "胺溶剂"),
        ),
        (("dry electrode line service", "干法电极加工服务"),),
    ),
)

CITIES: tuple[Pair, ...] = (
    ("Guangzhou", "广州"),
    ("Shenzhen", "深圳"),
    ("Foshan", "佛山"),
    ("Dongguan", "东莞"),
    ("Huizhou", "惠州"),
    ("Zhuhai", "珠海"),
    ("Zhongshan", "中山"),
    ("Jiangmen", "江门"),
    ("Zhaoqing", "肇庆"),
    ("Shantou", "汕头"),
    ("Zhanjiang", "湛江"),
    ("Maoming", "茂名"),
    ("Shaoguan", "韶关"),
    ("Meizhou", "梅州"),
)

COUNTRIES: tuple[Pair, ...] = (
    ("China", "中国"),
    ("Japan", "日本"),
    ("United States", "美国"),
    ("Germany", "德国"),
    ("South Korea", "韩国"),
    ("Netherlands", "荷兰"),
    ("Malaysia", "马来西亚"),
    ("Switzerland", "瑞士"),
    ("Thailand", "泰国"),
    ("Australia", "澳大利亚"),
)
