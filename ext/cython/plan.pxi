# A plan from the plain dict that arrowtrail.plan makes of a log type's table.

cdef dict KINDS = {
    "bool": <int>Kind.boolean, "int8": <int>Kind.int8, "int16": <int>Kind.int16, "int32": <int>Kind.int32,
    "int64": <int>Kind.int64, "float32": <int>Kind.float32, "float64": <int>Kind.float64,
    "timestamp": <int>Kind.timestamp_us, "string": <int>Kind.string, "json": <int>Kind.string,
    "list": <int>Kind.list, "struct": <int>Kind.structure,
}
cdef dict TIMES = {
    None: <int>Time.none, "rfc3339": <int>Time.rfc3339, "clf": <int>Time.clf, "unix_s": <int>Time.unix_s,
    "unix_ms": <int>Time.unix_ms, "unix_us": <int>Time.unix_us, "digits_us": <int>Time.digits_us,
    "compact": <int>Time.compact,
}
cdef dict SHAPES = {
    None: <int>Shape.none, "any": <int>Shape.any, "word": <int>Shape.word, "hex64": <int>Shape.hex64,
    "digits16": <int>Shape.digits16, "alnum64": <int>Shape.alnum64, "upper_word": <int>Shape.upper_word,
    "upper": <int>Shape.upper, "rfc3339_z": <int>Shape.rfc3339_z, "clf_time": <int>Shape.clf_time,
    "aws_account_or_null": <int>Shape.aws_account_or_null, "eni_or_null": <int>Shape.eni_or_null,
    "arn": <int>Shape.arn, "aws_region": <int>Shape.aws_region, "ip": <int>Shape.ip, "address": <int>Shape.address,
    "number": <int>Shape.number, "date": <int>Shape.date,
}
cdef dict PARTS = {
    None: <int>Part.whole, "host": <int>Part.host, "port": <int>Part.port, "http_method": <int>Part.http_method,
    "http_url": <int>Part.http_url, "http_version": <int>Part.http_version,
}
cdef dict SCANNERS = {
    None: <int>Scanner.none,
    "ip": <int>Scanner.ip, "domain": <int>Scanner.domain, "domain_raw": <int>Scanner.domain_raw,
    "hostname": <int>Scanner.hostname, "url": <int>Scanner.url, "net_addr": <int>Scanner.net_addr,
    "md5": <int>Scanner.md5, "sha1": <int>Scanner.sha1, "sha256": <int>Scanner.sha256,
    "trace_id": <int>Scanner.trace_id, "trace_root": <int>Scanner.trace_root, "arn_only": <int>Scanner.arn_only,
    "aws_arn": <int>Scanner.aws_arn, "aws_principal": <int>Scanner.aws_principal,
    "aws_account_id": <int>Scanner.aws_account_id, "aws_instance_id": <int>Scanner.aws_instance_id,
    "aws_tag": <int>Scanner.aws_tag, "email": <int>Scanner.email, "username": <int>Scanner.username,
    "dns_name": <int>Scanner.dns_name, "dns_last_word": <int>Scanner.dns_last_word, "text": <int>Scanner.text,
}
cdef dict INDICATORS = {
    "p_any_ip_addresses": <int>Indicator.ip_addresses, "p_any_domain_names": <int>Indicator.domain_names,
    "p_any_sha1_hashes": <int>Indicator.sha1_hashes, "p_any_md5_hashes": <int>Indicator.md5_hashes,
    "p_any_sha256_hashes": <int>Indicator.sha256_hashes, "p_any_aws_account_ids": <int>Indicator.aws_account_ids,
    "p_any_aws_instance_ids": <int>Indicator.aws_instance_ids, "p_any_aws_arns": <int>Indicator.aws_arns,
    "p_any_aws_tags": <int>Indicator.aws_tags, "p_any_trace_ids": <int>Indicator.trace_ids,
    "p_any_emails": <int>Indicator.emails, "p_any_usernames": <int>Indicator.usernames,
}
cdef dict ADDED = {
    "p_log_type": <int>Added.log_type, "p_row_id": <int>Added.row_id, "p_event_time": <int>Added.event_time,
    "p_parse_time": <int>Added.parse_time, "p_source_id": <int>Added.source_id,
    "p_source_label": <int>Added.source_label,
}
cdef dict REQUIRED = {False: <int>Required.no, True: <int>Required.always, "in_header": <int>Required.in_header}
cdef dict FROM = {
    "number": <int>From.number, "rest": <int>From.rest, "name": <int>From.name, "unmapped": <int>From.unmapped,
    "nothing": <int>From.nothing,
}
cdef dict QUOTE_ENDS = {
    "number_follows": <int>QuoteEnd.number_follows, "quote_follows": <int>QuoteEnd.quote_follows,
    "last": <int>QuoteEnd.last,
}


cdef vector[string] texts_of(object texts) except *:
    cdef vector[string] out
    for text in texts:
        out.push_back(text_of(text))
    return out


cdef char byte_of(object text) except? 0:
    return <char>ord(text) if text else 0


cdef Type type_of(object tree) except *:
    """A type from ("list", [("string", [])]) and the like."""
    cdef Type type
    type.kind = <Kind><int>KINDS[tree[0]]
    for child in tree[1]:
        type.children.push_back(type_of(child))
    return type


cdef Pattern pattern_of(object words, object shape) except *:
    cdef Pattern pattern
    pattern.shape = Shape.words if words is not None else <Shape><int>SHAPES[shape]
    pattern.words = texts_of(words or ())
    for word in pattern.words:
        if 0 < word.size() <= 8:
            pattern.short_words.push_back(int.from_bytes(<bytes>word, "little"))
    return pattern


cdef ColumnPlan column_of(object spec) except *:
    cdef ColumnPlan column
    column.name = text_of(spec["name"])
    column.type = type_of(spec["type"])
    column.from_ = <From><int>FROM[spec["from"]]
    column.token = spec["token"]
    column.token_name = text_of(spec["token_name"])
    column.part = <Part><int>PARTS[spec["part"]]
    column.required = <Required><int>REQUIRED[spec["required"]]
    column.nulls = texts_of(spec["nulls"])
    column.time = <Time><int>TIMES[spec["time"]]
    column.time_given = <Time><int>TIMES[spec["time_given"]]
    if spec["range"] is not None:
        column.ranged = True
        column.least, column.most = spec["range"]
    column.must = pattern_of(spec["allowed"], spec["shape"])
    column.only = pattern_of(spec["only_words"], spec["only_shape"])
    column.unfit_rejects = spec["unfit_rejects"]
    column.split = byte_of(spec["split"])
    for scanner in spec["scanners"]:
        column.scanners.push_back(<Scanner><int>SCANNERS[scanner])
    column.built = spec["built"]
    return column


cdef int set_records(Plan_* plan, object spec) except -1:
    plan.header_least = spec["header_least"]
    plan.parquet = spec["parquet"]
    plan.default_names = texts_of(spec["default_names"])
    plan.foreign = texts_of(spec["foreign"])
    plan.joined_quote = byte_of(spec["joined_quote"])
    plan.joined_most = spec["joined_most"]
    plan.joined_column = spec["joined_column"]
    return 0


cdef int set_tokens(Plan_* plan, object spec) except -1:
    plan.format = Format.positional if spec["format"] == "positional" else Format.delimited
    plan.separators = text_of(spec["separators"])
    plan.null_dash = "-" in spec["nulls"]
    plan.null_empty = "" in spec["nulls"]
    plan.nulls = texts_of(text for text in spec["nulls"] if text not in ("-", ""))
    plan.quote = byte_of(spec["quote"])
    for token, rule in spec["raw_quotes"].items():
        plan.raw_quotes[<int>token] = <QuoteEnd><int>QUOTE_ENDS[rule]
    plan.bracketed = spec["bracketed"]
    plan.least = spec["least"]
    plan.head = spec["head"]
    plan.tail = spec["tail"]
    plan.tail_more = spec["tail_more"]
    return 0


cdef int set_detect(Plan_* plan, object spec) except -1:
    for words, shape in spec["starts"]:
        plan.starts.push_back(pattern_of(words, shape))
    plan.detect_least = spec["detect_least"]
    plan.detect_least_quoted = spec["detect_least_quoted"]
    plan.detect_exactly = spec["detect_exactly"]
    return 0


cdef Member member_of(object spec) except *:
    """A member of a JSON object, and what is inside it."""
    cdef Member member
    cdef pair[string, Scanner] by
    member.name = text_of(spec["name"])
    member.aliases = texts_of(spec["aliases"])
    member.path = text_of(spec["path"])
    member.column, member.field, member.list = spec["column"], spec["field"], spec["list"]
    member.type = type_of(spec["type"])
    member.json, member.required, member.checked = spec["json"], spec["required"], spec["checked"]
    if spec["range"] is not None:
        member.ranged = True
        member.least, member.most = spec["range"]
    member.time = <Time><int>TIMES[spec["time"]]
    member.must = pattern_of(spec["allowed"], None)
    for scanner in spec["scanners"]:
        member.scanners.push_back(<Scanner><int>SCANNERS[scanner])
    member.walkers = spec["walkers"]
    member.by = spec["by"]
    member.plain = member.type.kind == Kind.string and not member.json and member.scanners.empty() and member.by < 0
    member.by_any_case = spec["by_any_case"]
    for word, scanner in spec["by_words"]:
        by.first, by.second = text_of(word), <Scanner><int>SCANNERS[scanner]
        member.by_words.push_back(by)
    for inner in spec["members"]:
        member.members.push_back(member_of(inner))
    for inner in spec["item"]:
        member.item.push_back(member_of(inner))
    return member


cdef int set_json(Plan_* plan, object spec) except -1:
    cdef Condition condition
    cdef vector[Condition] every
    plan.format = Format.json
    for member in spec["members"]:
        plan.members.push_back(member_of(member))
    for path in spec["paths"]:
        plan.paths.push_back(<vector[int]>path)
    for conditions in spec["conditions"]:
        every.clear()
        for path, word, number in conditions:
            condition.path = path
            condition.word = text_of(word)
            condition.number = number
            every.push_back(condition)
        plan.conditions.push_back(every)
    plan.order = spec["order"]
    plan.lists = spec["lists"]
    plan.keep_unmapped = spec["keep_unmapped"]
    plan.unmapped_walkers = spec["unmapped_walkers"]
    plan.envelope = spec["envelope"]
    for key in spec["walked_keys"]:
        plan.walked_keys.push_back(walked_key_of(key))
    return 0


cdef WalkedKey walked_key_of(object spec) except *:
    cdef WalkedKey key
    cdef str name = spec[0]
    key.ending = name.startswith("*")
    key.key = text_of(name.removeprefix("*"))
    key.n, key.l, key.more = [<Scanner><int>SCANNERS[scanner] for scanner in spec[1:4]]
    key.opaque = spec[4]
    return key


cdef class Plan:
    """A log type as the engine reads it. Built by `arrowtrail.plan.native_plan`."""

    cdef shared_ptr[const Plan_] _plan
    cdef readonly str log_type

    def __init__(self, spec):
        cdef shared_ptr[Plan_] plan = make_shared[Plan_]()
        cdef AddedPlan added
        self.log_type = spec["log_type"]
        plan.get().log_type = text_of(spec["log_type"])
        if "json" in spec:
            set_json(plan.get(), spec["json"])
        else:
            set_records(plan.get(), spec)
            set_tokens(plan.get(), spec)
            set_detect(plan.get(), spec)
        for column in spec["columns"]:
            plan.get().columns.push_back(column_of(column))
            if column["from"] == "name":
                plan.get().known_names.insert(text_of(column["token_name"]))
        for name, built in spec["added"]:
            added.what = <Added><int>ADDED.get(name, <int>Added.indicator)
            added.indicator = <Indicator><int>INDICATORS.get(name, 0)
            added.built = built
            plan.get().added.push_back(added)
            if added.what == Added.indicator and built and spec["collect"]:
                plan.get().collects[<int>added.indicator] = True
        for place in spec["event_time"]:
            plan.get().event_time.push_back(place)
        self._plan = <shared_ptr[const Plan_]>plan
