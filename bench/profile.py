def main(token):
    return 0
