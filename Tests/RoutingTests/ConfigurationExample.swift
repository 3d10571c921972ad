/// A shop that sets every key there is, at values other than the defaults.
enum ConfigurationExample {
  static let text = """
    shop: teahouse
    timezone: Asia/Shanghai

    schedules:
      day:
        weekly: {mon-fri: ["13:00-21:00", "09:00-12:00"], sat: ["10:00-24:00"]}
        except: {2026-11-11: ["00:00-24:00"], 2027-01-01: []}
      rush:
        weekly:
          fri-mon: ["18:00-20:30"]

    levels: {source: param-then-attribute, param: viplevel, vip: 6}
    default: {group: leaf, mode: bot-first}
    return: {window: 45m, over_capacity: agent}
    dedicated: {wait: 90s}
    bad_rating: 1
    capacity_scope: group
    offline_grace: 20s
    heartbeat: 40s
    survey: {window: 1d}
    supervisor: {gateway: desk}
    emergency: {notice: 系统繁忙, mode: bot-only, group: pot}
    retention: {conversations: 2d, customers: 30d, statistics: 100d}

    texts:
      greeting: 欢迎
      busy: 前面 {position} 位,约 {wait}
      busy_hidden: 请稍候
      off_hours: 已打烊
      idle: 您 {idle} 没有说话
      emergency: 紧急
      survey: 请打分
      no_agent: 没有人

    assistant:
      greeting: 我是小茶
      handoff: [人工, human]
      max_misses: 3
      gateway: bots
      answers:
        物流:
          - {keywords: [物流, 快递], text: 请看订单页}
        茶叶:
          - {keywords: [保质期], text: 十八个月}

    group_defaults:
      capacity: 7
      service_level: 20s
      queue: {limit: 200, hide: {wait: 20m}, overflow: [{after: 5m, to: [pot]}]}

    groups:
      pot:
        name: 茶具
      leaf:
        name: 茶叶
        hours: day
        strategy: weighted
        capacity: 5
        distribution: {rush: manual, day: auto, otherwise: {auto: 80.5%}}
        idle_timeout: 5m
        response_alert: 2m
        answer_within: 1m
        wrap_up: 500ms
        service_level: 15s
        queue:
          enabled: false
          limit: 100
          when_empty: fallback
          handle_time: measured
          hide: {waiting: 20}
          notify: 5s
          promote_after: 3m
          order: credit
          credit: 60s
          overflow:
            - {after: 30s, to: [pot], level: "+2"}
            - {after: 2m, alert: true}
            - {after: 10m, mode: bot, level: 9}
          relax:
            - {after: 1m, skills: {english: 2, 普洱: 0}}
          silent_after: 4m
          parked_for: 8m

    agents:
      li:  {name: 小李, groups: [pot, leaf], capacity: 6, weight: 3, skills: {english: 9}, ramp: 4}
      de:  {groups: [{group: leaf, skill: 9, capacity: 8}, {group: pot}]}
      no:  {groups: [pot]}

    rules:
      - name: 大客户 A/B
        who:
          level: 2..4
          vip: false
          tags: [new, 新客]
          ids: c-17
          attributes: {orders: ">=20", city_code: 0571, grade: [gold, 3, true], code: "3"}
        what: {keywords: [退款, refund], category: after}
        when: not day
        where: {province: [江苏, 浙江], city: 杭州, country: 中国}
        how: {channel: [app, wechat], params: {source: [spring, fall], page: 3}}
        sample: 30%
        route:
          group: leaf
          level: +2
          mode: human-only
          tags: [big]
          overflow: [pot]
          prefer: most-skilled
          skills: {english: 3}
          weight: 2
      - name: mark
        who: {level: ">=5"}
        continue: true
        route: {tags: [vip], level: "-1"}
    """
}
