"""What findings say, without their reasons and what to do."""


def told(findings):
    return {(one.severity, one.message) for one in findings}


def said(findings):
    return [(one.severity, one.message) for one in findings]
